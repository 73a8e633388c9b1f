"""What Home Assistant is shown: discovery, states, and what becomes of them."""

import json
import signal

import pytest

from alarm.models import Sensor
from integrations.mqtt import discovery, status
from tests.actions import arm, armed, disarm, end_delay, hear, make_sensor
from tests.conftest import command, finish, until
from tests.mqtt.tools import Wire, broker_is_dead, is_status, newcomer

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_panel_is_discovered(connected, neighbour, topics):
    until(lambda: topics.panel_config in neighbour.retained, what="the panel's configuration")
    config = json.loads(neighbour.retained[topics.panel_config])
    assert config["state_topic"] == topics.state
    assert config["command_topic"] == topics.command
    assert config["availability_topic"] == topics.availability
    assert config["supported_features"] == ["arm_home", "arm_away", "arm_night"]
    assert (config["code"], config["code_arm_required"]) == ("REMOTE_CODE", True)
    assert config["unique_id"] == f"{topics.node}_panel"
    assert "/" not in topics.node


@pytest.mark.parametrize(("kind", "device_class"), discovery.DEVICE_CLASSES.items())
def test_a_sensor_is_discovered_as_what_it_is(connected, neighbour, topics, kind, device_class):
    sensor = make_sensor(kind=kind)
    hear(sensor)
    neighbour.has(topics.sensor_state(sensor.pk), "ON")
    config = json.loads(neighbour.retained[topics.sensor_config(sensor.pk)])
    assert (config["name"], config["device_class"]) == ("Back door", device_class)
    assert config["state_topic"] == topics.sensor_state(sensor.pk)
    panel = json.loads(neighbour.retained[topics.panel_config])
    assert config["device"] == panel["device"]
    assert config["unique_id"] != panel["unique_id"]


def test_every_state_is_published_under_its_name(connected, neighbour, topics):
    sensor = make_sensor(entry_delay=True)
    arm("night")
    neighbour.has(topics.state, "arming")
    end_delay()
    neighbour.has(topics.state, "armed_night")
    hear(sensor)
    neighbour.has(topics.state, "pending")
    end_delay()
    neighbour.has(topics.state, "triggered")
    disarm()
    neighbour.has(topics.state, "disarmed")


def test_a_sensor_that_was_never_heard_has_no_state(connected, neighbour, topics):
    silent, heard = make_sensor("Silent"), make_sensor("Heard")
    hear(heard, False)
    neighbour.has(topics.sensor_state(heard.pk), "OFF")
    assert topics.sensor_config(silent.pk) in neighbour.retained
    assert topics.sensor_state(silent.pk) not in neighbour.retained


def test_a_sensor_that_is_removed_is_removed_there(connected, neighbour, topics):
    sensor = make_sensor()
    hear(sensor)
    neighbour.has(topics.sensor_state(sensor.pk), "ON")
    Sensor.objects.filter(pk=sensor.pk).delete()
    neighbour.has(topics.sensor_config(sensor.pk), None)
    neighbour.has(topics.sensor_state(sensor.pk), None)


def test_one_that_was_removed_meanwhile_is_removed_there(start, neighbour, topics):
    gone = topics.sensor_config(77), topics.sensor_state(77)
    for topic in gone:
        neighbour.say(topic, "left over", retain=True)
    start()
    for topic in gone:
        neighbour.has(topic, None)
    neighbour.has(topics.state, "disarmed")
    kept = {topics.panel_config, topics.availability, topics.state}
    assert newcomer([f"{topics.base}/#", f"{topics.prefix}/#"]).keys() == kept


def test_everything_is_said_again_when_home_assistant_starts(connected, neighbour, topics):
    neighbour.has(topics.state, "disarmed")
    neighbour.heard.clear()
    neighbour.say(topics.birth, "online")
    for topic in (topics.panel_config, topics.availability, topics.state):
        until(lambda topic=topic: topic in dict(neighbour.heard), what=f"{topic} once more")


def test_a_broker_that_died_is_told_everything_anew(connected, neighbour, topics):
    with broker_is_dead():
        is_status("unreachable")
        armed("home")
    is_status("connected")
    expected = {topics.state: "armed_home", topics.availability: "online"}
    until(
        lambda: expected.items() <= newcomer([f"{topics.base}/#", f"{topics.prefix}/#"]).items(),
        what="the state at the broker that came back",
    )


def test_a_wire_that_is_cut_is_a_will_and_then_a_new_beginning(start, neighbour, topics):
    wire = Wire()
    start(port=wire.port)
    neighbour.has(topics.availability, "online")
    wire.cut()
    until(lambda: (topics.availability, "offline") in neighbour.heard, what="the will")
    neighbour.has(topics.availability, "online")
    wire.close()


def test_a_late_will_of_another_connection_is_contradicted(connected, neighbour, topics):
    neighbour.say(topics.availability, "offline", retain=True)
    neighbour.has(topics.availability, "online")


def test_so_is_the_farewell_of_a_leader_before_that_had_hung(connected):
    status.put(status.UNREACHABLE, "The panel's worker has stopped.")
    assert is_status("connected")["detail"].startswith("Connected to")


def test_a_worker_that_is_killed_is_offline(configure, same_database, neighbour, topics):
    configure()
    worker = command("manage.py", "run_worker", env=same_database)
    neighbour.has(topics.availability, "online")
    worker.send_signal(signal.SIGKILL)
    finish(worker)
    neighbour.has(topics.availability, "offline")


def test_a_worker_that_is_asked_to_stop_says_so(configure, same_database, neighbour, topics):
    configure()
    worker = command("manage.py", "run_worker", env=same_database)
    neighbour.has(topics.availability, "online")
    worker.send_signal(signal.SIGTERM)
    finish(worker)
    assert worker.returncode == 0
    neighbour.has(topics.availability, "offline")
    assert status.current().detail == "The panel's worker has stopped."


def test_a_bridge_that_ends_says_so(connected, neighbour, topics):
    connected.stop()
    connected.join(30)
    neighbour.has(topics.availability, "offline")
    assert topics.panel_config in neighbour.retained
    assert status.current().state == "unreachable"
