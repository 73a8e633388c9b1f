"""Outputs at a real broker: a siren that is a device, and Home Assistant beside it."""

import json

import pytest
from django.db import connection, transaction

from alarm.models import Event
from integrations.models import MqttAccount
from integrations.mqtt import bridge as bridges
from integrations.mqtt import broker as brokers
from integrations.mqtt import outputs as mqtt_outputs
from integrations.mqtt.outputs import Outputs
from outputs import driver, management, plan, soundings
from outputs.models import Output
from tests.actions import ANNA, armed, disarm, hear, make_sensor, state
from tests.conftest import command, finish, until
from tests.mqtt import attacker, tools
from tests.mqtt.attacker import NOT_AUTHORIZED, Client
from tests.mqtt.siren import Siren
from tests.mqtt.tools import Wire, is_status

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(configure, monkeypatch):
    """A function that starts a bridge and a driver as the worker does; they end with the test."""
    monkeypatch.setattr(bridges, "LOOK_EVERY", 0.5)
    monkeypatch.setattr(bridges, "FIRST_PAUSE", 0.2)
    monkeypatch.setattr(driver, "LOOK_EVERY", 0.5)
    running: list = []

    def begin(**changes) -> bridges.Bridge:
        configure(**changes)
        extension = Outputs(lambda: running[0].wake())
        running.append(bridges.Bridge([extension]))
        running.append(driver.Driver())
        for thread in running:
            thread.start()
        return running[0]

    yield begin
    for thread in running:
        thread.stop()
        thread.join(30)
        assert not thread.is_alive()
    connection.close()


@pytest.fixture
def running(run, other_client, topics):
    """A bridge and a driver that are connected."""
    started = run()
    is_status("connected")
    other_client.has(topics.availability, "online")
    return started


@pytest.fixture
def output(configure) -> Output:
    configure()
    return management.create(ANNA, name="Siren", kind="mqtt", strobe=True)


@pytest.fixture
def siren(output, topics):
    found = Siren(topics, output.pk)
    yield found
    found.leave()


@pytest.fixture
def quick(monkeypatch) -> None:
    """Short pauses, so that repetitions and faults are seen at once."""
    monkeypatch.setattr(driver, "FAILS_AFTER", 0.3)
    monkeypatch.setattr(plan, "PAUSES", (0.2,))


def has_reported(output: Output, reported: str, error: str = "") -> None:
    def reached() -> bool:
        now = Output.objects.get(pk=output.pk)
        return (now.reported, now.error) == (reported, error)

    until(reached, what=f"{reported} {error}")


def set_off(kind: str = "window"):
    """Arm, and open a sensor that sounds the siren at once; return the sensor."""
    sensor = make_sensor("Sensor", kind)
    armed()
    hear(sensor)
    return sensor


def details(kind: str) -> list[str]:
    return list(Event.objects.filter(kind=kind).order_by("pk").values_list("detail", flat=True))


# --- The alarm ------------------------------------------------------------------------------------


def test_a_siren_sounds_with_the_alarm_and_what_it_reports_is_shown(
    siren, output, running, topics, other_client
):
    set_off()
    siren.has("ON")
    assert siren.commands == [{"state": "ON", "tone": "burglary", "duration": 180, "strobe": True}]
    has_reported(output, "on")
    other_client.has(topics.output(output.pk, "reported"), "ON")
    disarm()
    siren.has("ON", "OFF")
    has_reported(output, "off")
    other_client.has(topics.output(output.pk, "reported"), "OFF")
    assert topics.output(output.pk, "set") not in other_client.retained


def test_a_siren_that_ends_by_itself_is_not_told_to(siren, output, running):
    management.change(output.pk, ANNA, cut_off=1)
    set_off()
    siren.has("ON")
    has_reported(output, "on")
    has_reported(output, "off")
    assert not siren.is_on
    assert state() == "triggered"


def test_a_siren_that_goes_off_before_its_time_is_switched_on_again(siren, output, running, quick):
    set_off()
    has_reported(output, "on")
    siren.end()  # by its own button, or a loose cable
    siren.has("ON", "ON")
    has_reported(output, "on")
    assert siren.commands[1]["duration"] <= siren.commands[0]["duration"]


def test_a_siren_that_was_switched_on_by_others_is_off_after_the_cut_off(siren, output, running):
    management.change(output.pk, ANNA, cut_off=1)
    siren.is_on = True
    siren.report()
    siren.has("OFF")
    has_reported(output, "off")


def test_a_chime_is_short(siren, output, running):
    management.change(output.pk, ANNA, tones=["chime"])
    door = make_sensor("Door")
    with transaction.atomic():
        soundings.chime(sensor=door)
    running.wake()
    siren.has("ON", "OFF")
    assert (siren.commands[0]["tone"], siren.commands[0]["duration"]) == ("chime", 2)


# --- What fails -----------------------------------------------------------------------------------


def test_a_siren_that_does_not_report_is_a_fault_and_told_again(siren, output, running, quick):
    siren.is_mute = True
    set_off()
    has_reported(output, "unknown", "no_answer")
    until(lambda: len(siren.commands) > 2, what="repetitions")
    assert siren.soundings == 1
    assert details("output") == ["“Siren” does not answer: it does not report."]
    siren.is_mute = False
    has_reported(output, "on")
    number = len(siren.commands)
    assert details("output")[1:] == ["“Siren” answers again."]
    disarm()
    siren.has(*["ON"] * number, "OFF")


def test_without_a_broker_it_is_a_fault_and_sent_at_the_next_connection(
    siren, output, run, monkeypatch
):
    monkeypatch.setattr(driver, "FAILS_AFTER", 0.3)
    wire = Wire()
    wire.is_dead = True
    run(port=wire.port)
    set_off()
    has_reported(output, "unknown", "not_connected")
    wire.is_dead = False
    wire.cut()
    siren.has("ON")
    has_reported(output, "on")
    wire.close()


def test_a_stored_report_of_unknown_age_confirms_nothing(siren, output, run, quick):
    siren.is_on = True
    siren.report(retain=True)
    siren.is_on, siren.is_mute = False, True
    run()
    has_reported(output, "on")  # as far as is known
    set_off()
    until(lambda: len(siren.commands) > 1, what="a repetition")
    has_reported(output, "on", "no_answer")


def test_nonsense_is_ignored_and_recorded(output, running, other_client, topics):
    for payload in ("LOUD", '{"state": 1}', "[" * 2000, '{"state": "ON", "duration": -1}'):
        other_client.publish(topics.output(output.pk, "state"), payload)
    until(lambda: len(details("integration")) == 4, what="the events")
    assert Output.objects.get().reported == "unknown"
    other_client.publish(topics.output(987654321, "state"), "ON")
    other_client.publish(topics.output(output.pk, "state"), '{"state": "OFF"}')
    has_reported(output, "off")


def test_of_many_reports_the_newest_counts(output, running, other_client, topics, monkeypatch):
    monkeypatch.setattr(mqtt_outputs, "WINDOW", 2.0)
    for payload in (*["OFF"] * 50, "ON"):
        other_client.publish(topics.output(output.pk, "state"), payload)
    has_reported(output, "on")


# --- Home Assistant -------------------------------------------------------------------------------


def test_home_assistant_switches_it_but_cannot_silence_an_alarm(
    siren, output, running, other_client, topics
):
    place = topics.output(output.pk, "command")
    other_client.publish(place, {"state": "ON", "tone": "panic", "duration": 60})
    siren.has("ON")
    assert (siren.commands[0]["tone"], siren.commands[0]["duration"]) == ("panic", 60)
    other_client.publish(place, {"state": "OFF"})
    siren.has("ON", "OFF")
    has_reported(output, "off")
    set_off()
    siren.has("ON", "OFF", "ON")
    has_reported(output, "on")
    other_client.publish(place, {"state": "OFF"})
    refusal = f"Ignored: output {output.pk}: it sounds because of the alarm: disarm the alarm."
    until(lambda: refusal in details("integration"), what="the refusal")
    assert siren.is_on


def test_a_command_is_at_most_as_long_as_the_cut_off(siren, output, running, other_client, topics):
    place = topics.output(output.pk, "command")
    other_client.publish(place, {"state": "ON", "duration": 3600})
    siren.has("ON")
    assert siren.commands[0]["duration"] == 180


def test_a_retained_command_is_not_carried_out(siren, output, run, other_client, topics):
    other_client.publish(topics.output(output.pk, "command"), "ON", retain=True)
    run()
    is_status("connected")
    set_off()
    siren.has("ON")
    assert siren.commands[0]["tone"] == "burglary"


def test_each_output_is_discovered_and_forgotten(output, running, other_client, topics):
    places = {
        kind: f"{topics.prefix}/{kind}/{topics.node}/output_{output.pk}/config"
        for kind in ("siren", "switch")
    }
    until(lambda: set(places.values()) <= other_client.retained.keys(), what="discovery")
    config = json.loads(other_client.retained[places["siren"]])
    assert config["available_tones"] == ["burglary", "fire", "panic"]
    assert config["state_topic"] == topics.output(output.pk, "reported")
    management.remove(output.pk, ANNA)
    for place in places.values():
        other_client.has(place, None)


# --- Accounts at the stack's broker ---------------------------------------------------------------


@pytest.fixture
def bundled(monkeypatch):
    """The broker of the tests is the stack's own."""
    monkeypatch.setattr(brokers, "BUNDLED", tools.HOST)


def test_an_output_has_an_account_that_reads_its_commands_and_reports_for_itself(
    bundled, run, topics, login, admin
):
    run()
    is_status("connected")
    page = login(admin)
    made = [
        page.ask("POST", "outputs/", {"name": name, "kind": "mqtt"}).json() for name in ("A", "B")
    ]
    mine, other = (one["mqtt"] for one in made)
    assert mine["username"] == f"output-{made[0]['id']}"
    assert mine["password"] not in str(list(MqttAccount.objects.values()))
    siren = Siren(topics, made[0]["id"], login_of(mine))
    set_off()
    siren.has("ON")
    has_reported(Output.objects.get(name="A"), "on")
    siren.leave()
    client = client_of(mine)
    for wish in ("#", other["set_topic"], topics.command, topics.state, mine["state_topic"]):
        assert client.subscribe(wish) == NOT_AUTHORIZED, wish
    for wish in (other["state_topic"], other["set_topic"], mine["set_topic"], topics.command):
        assert client.publish(wish, "OFF") == NOT_AUTHORIZED, wish
    client.leave()


def login_of(account: dict) -> tuple[str, str]:
    """Return a login once the broker accepts it."""
    client_of(account).leave()
    return account["username"], account["password"]


def client_of(account: dict) -> Client:
    return attacker.login(account["username"], account["password"])


def test_home_assistant_cannot_switch_the_siren_itself(
    bundled, siren, output, run, topics, login, admin
):
    run()
    is_status("connected")
    account = login(admin).ask("POST", "integrations/mqtt/home-assistant/").json()
    client = client_of(account)
    set_off()
    has_reported(output, "on")
    assert client.publish(topics.output(output.pk, "set"), '{"state": "OFF"}') == NOT_AUTHORIZED
    assert client.publish(topics.output(output.pk, "state"), "OFF") == NOT_AUTHORIZED
    assert client.subscribe(topics.output("+", "reported")) == "Granted QoS 1"
    assert client.publish(topics.output(output.pk, "command"), "OFF") == "Success"
    refusal = f"Ignored: output {output.pk}: it sounds because of the alarm: disarm the alarm."
    until(lambda: refusal in details("integration"), what="the refusal")
    assert siren.is_on
    client.leave()


def test_a_new_password_and_a_removal_end_the_account(bundled, run, topics, login, admin):
    run()
    is_status("connected")
    page = login(admin)
    made = page.ask("POST", "outputs/", {"name": "Siren", "kind": "mqtt"}).json()
    client = client_of(made["mqtt"])
    renewed = page.ask("POST", f"outputs/{made['id']}/password/").json()["mqtt"]
    until(lambda: not client.is_connected, what="the end of the connection")
    client = client_of(renewed)
    assert page.ask("DELETE", f"outputs/{made['id']}/").status_code == 204
    until(lambda: not client.is_connected, what="the end of the connection")


def test_at_another_broker_there_is_no_login(run, login, admin, topics):
    run()
    made = login(admin).ask("POST", "outputs/", {"name": "Siren", "kind": "mqtt"}).json()
    assert made["mqtt"] == {
        "username": None,
        "password": None,
        "set_topic": topics.output(made["id"], "set"),
        "state_topic": topics.output(made["id"], "state"),
    }
    assert not MqttAccount.objects.exists()


# --- Workers that are killed ----------------------------------------------------------------------


def test_a_worker_that_is_killed_between_sending_and_the_report(
    siren, output, same_database, topics
):
    """Nothing is lost, and nothing is twice at the siren."""
    first = command("manage.py", "run_worker", env=same_database)
    is_status("connected")
    siren.is_mute = True
    set_off()
    siren.has("ON")
    first.kill()
    first.wait()
    assert Output.objects.get().reported == "unknown"
    siren.is_mute = False
    siren.report()  # while no worker runs: the broker keeps it
    second = command("manage.py", "run_worker", env=same_database)
    has_reported(output, "on")
    disarm()
    siren.has("ON", "OFF")
    assert siren.soundings == 1
    second.terminate()
    finish(second)


def test_an_alarm_while_no_worker_runs_sounds_when_one_does(siren, output, same_database):
    set_off()
    worker = command("manage.py", "run_worker", env=same_database)
    siren.has("ON")
    has_reported(output, "on")
    worker.terminate()
    finish(worker)
    assert siren.is_on
