"""Retained messages for Home Assistant: discovery, states, and their removal."""

import json
import signal

import pytest

from alarm.models import Sensor
from integrations.mqtt import discovery, entities, status
from tests.actions import ALL, arm, armed, disarm, end_delay, hear, make_sensor
from tests.conftest import command, finish, until
from tests.mqtt.tools import Wire, broker_is_dead, is_status, newcomer

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_panel_is_discovered(connected, other_client, topics):
    until(lambda: topics.panel_config in other_client.retained, what="the panel's configuration")
    config = json.loads(other_client.retained[topics.panel_config])
    assert config["state_topic"] == topics.state
    assert config["command_topic"] == topics.command
    assert config["availability_topic"] == topics.availability
    assert config["supported_features"] == [f"arm_{mode}" for mode in ALL]
    assert (config["code"], config["code_arm_required"]) == ("REMOTE_CODE", True)
    assert config["unique_id"] == f"{topics.node}_panel"
    assert "/" not in topics.node


@pytest.mark.parametrize(("kind", "device_class"), discovery.DEVICE_CLASSES.items())
def test_a_sensor_is_discovered_as_what_it_is(connected, other_client, topics, kind, device_class):
    sensor = make_sensor(kind=kind)
    hear(sensor)
    other_client.has(topics.sensor_state(sensor.pk), "ON")
    config = json.loads(other_client.retained[topics.sensor_config(sensor.pk)])
    assert (config["name"], config["device_class"]) == ("Back door", device_class)
    assert config["state_topic"] == topics.sensor_state(sensor.pk)
    panel = json.loads(other_client.retained[topics.panel_config])
    assert config["device"] == panel["device"]
    assert config["unique_id"] != panel["unique_id"]


def test_every_state_is_published_under_its_name(connected, other_client, topics):
    sensor = make_sensor(type="entry_exit")
    arm("night")
    other_client.has(topics.state, "arming")
    end_delay()
    other_client.has(topics.state, "armed_night")
    hear(sensor)
    other_client.has(topics.state, "pending")
    end_delay()
    other_client.has(topics.state, "triggered")
    disarm()
    other_client.has(topics.state, "disarmed")


def test_what_home_assistant_shows_beside_the_state(connected, other_client, topics):
    def shown() -> dict:
        return json.loads(other_client.retained.get(topics.attributes, "{}"))

    window = make_sensor("Window", modes=["away"])
    hear(window)
    until(lambda: shown().get("open_sensors") == ["Window"], what="the open sensor")
    assert shown()["deadline"] is None
    arm("away", bypass=[window.pk])
    until(lambda: shown()["bypassed_sensors"] == ["Window"], what="the bypassed sensor")
    until(lambda: shown()["deadline"], what="the end of the exit delay")
    end_delay()
    hear(make_sensor("Back door"))
    until(lambda: shown()["triggered_by"] == ["Back door"], what="what has triggered it")
    assert shown()["last_changed_by"] == "Back door"
    disarm()
    until(lambda: shown()["triggered_by"] == [], what="the end of the alarm")
    assert shown()["deadline"] is None


def test_a_sensor_without_a_report_has_no_state(connected, other_client, topics):
    silent, heard = make_sensor("Silent"), make_sensor("Heard")
    hear(heard, False)
    other_client.has(topics.sensor_state(heard.pk), "OFF")
    assert topics.sensor_config(silent.pk) in other_client.retained
    assert topics.sensor_state(silent.pk) not in other_client.retained


def test_a_removed_sensor_is_removed_at_the_broker(connected, other_client, topics):
    sensor = make_sensor()
    hear(sensor)
    other_client.has(topics.sensor_state(sensor.pk), "ON")
    Sensor.objects.filter(pk=sensor.pk).delete()
    other_client.has(topics.sensor_config(sensor.pk), None)
    other_client.has(topics.sensor_state(sensor.pk), None)


def test_a_sensor_removed_without_a_connection_is_removed_later(start, other_client, topics):
    gone = topics.sensor_config(77), topics.sensor_state(77)
    for topic in gone:
        other_client.publish(topic, "left over", retain=True)
    start()
    for topic in gone:
        other_client.has(topic, None)
    other_client.has(topics.state, "disarmed")
    kept = {topics.panel_config, topics.availability, topics.state, topics.attributes}
    kept |= {topics.trouble, topics.memory}
    kept |= {topics.entity_config(kind, name) for kind, name, _ in entities.all_of(topics)}
    assert newcomer([f"{topics.base}/#", f"{topics.prefix}/#"]).keys() == kept


@pytest.mark.parametrize("birth", ["homeassistant/status", "{prefix}/status"])
def test_everything_is_published_again_when_home_assistant_starts(
    connected, other_client, topics, birth
):
    """Its birth topic does not follow from the discovery prefix, which the tests have changed."""
    assert topics.prefix != "homeassistant"
    other_client.has(topics.state, "disarmed")
    other_client.received.clear()
    other_client.publish(birth.format(prefix=topics.prefix), "online")
    for topic in (topics.panel_config, topics.availability, topics.state):
        until(lambda topic=topic: topic in dict(other_client.received), what=f"{topic} once more")


def test_a_restarted_broker_gets_everything_again(connected, other_client, topics):
    with broker_is_dead():
        is_status("unreachable")
        armed("home")
    is_status("connected")
    expected = {topics.state: "armed_home", topics.availability: "online"}
    until(
        lambda: expected.items() <= newcomer([f"{topics.base}/#", f"{topics.prefix}/#"]).items(),
        what="the state at the broker that came back",
    )


def test_a_cut_connection_leaves_the_will_and_is_made_again(start, other_client, topics):
    wire = Wire()
    start(port=wire.port)
    other_client.has(topics.availability, "online")
    wire.cut()
    until(lambda: (topics.availability, "offline") in other_client.received, what="the will")
    other_client.has(topics.availability, "online")
    wire.close()


def test_a_late_will_of_another_connection_is_corrected(connected, other_client, topics):
    other_client.publish(topics.availability, "offline", retain=True)
    other_client.has(topics.availability, "online")


def test_a_late_offline_message_of_a_hung_leader_is_corrected(connected):
    status.put(status.UNREACHABLE, "The panel's worker has stopped.")
    assert is_status("connected").detail.startswith("Connected to")


def test_a_worker_that_is_killed_is_offline(configure, same_database, other_client, topics):
    configure()
    worker = command("manage.py", "run_worker", env=same_database)
    other_client.has(topics.availability, "online")
    worker.send_signal(signal.SIGKILL)
    finish(worker)
    other_client.has(topics.availability, "offline")


def test_a_worker_that_stops_publishes_it(configure, same_database, other_client, topics):
    configure()
    worker = command("manage.py", "run_worker", env=same_database)
    other_client.has(topics.availability, "online")
    worker.send_signal(signal.SIGTERM)
    finish(worker)
    assert worker.returncode == 0
    other_client.has(topics.availability, "offline")
    assert status.current().detail == "The panel's worker has stopped."


def test_a_bridge_that_ends_publishes_it(connected, other_client, topics):
    connected.stop()
    connected.join(30)
    other_client.has(topics.availability, "offline")
    assert topics.panel_config in other_client.retained
    assert status.current().state == "unreachable"
