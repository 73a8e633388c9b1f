"""What the panel believes of sensors after an outage, and what the broker refuses it."""

import datetime as dt
import json

import pytest
from django.utils import timezone

from alarm import sensor_reports
from alarm.models import Event, Sensor
from integrations.mqtt import connection as connections
from tests.actions import armed, hear, is_state, make_sensor, state
from tests.conftest import PIN, until
from tests.mqtt import tools
from tests.mqtt.tools import Wire, broker_is_dead, is_status

pytestmark = pytest.mark.django_db(transaction=True)


def is_active(sensor: Sensor, active: bool | None):
    return lambda: Sensor.objects.get(pk=sensor.pk).active is active


@pytest.fixture
def wire(monkeypatch):
    """The way to the broker, which can be cut."""
    monkeypatch.setattr(connections, "ANSWER_LIMIT", 1.0)
    found = Wire()
    yield found
    found.close()


@pytest.fixture
def away(start, wire, other_client, topics):
    """A function that cuts the connection of the panel, and one that gives it back."""
    start(port=wire.port)
    other_client.has(topics.availability, "online")

    def leave() -> None:
        wire.is_dead = True
        wire.cut()
        is_status("unreachable")

    def back() -> None:
        wire.is_dead = False
        is_status("connected")

    return leave, back


# --- While there is no connection -----------------------------------------------------------------


def test_a_door_opened_while_the_panel_was_away_is_open(away, other_client, topics):
    leave, back = away
    door = make_sensor()
    hear(door, False)
    leave()
    other_client.publish(topics.sensor_set(door.pk), "ON")
    back()
    until(is_active(door, True), what="the report that the broker has kept")


def test_a_door_opened_and_closed_meanwhile_sets_the_alarm_off(away, other_client, topics):
    leave, back = away
    door = make_sensor()
    hear(door, False)
    armed()
    leave()
    other_client.publish(topics.sensor_set(door.pk), "ON")
    other_client.publish(topics.sensor_set(door.pk), "OFF")
    back()
    until(is_state("triggered"), what="the alarm")
    until(is_active(door, False), what="the newest report")


def test_a_panel_that_was_stopped_gets_the_reports_too(start, other_client, topics):
    door = make_sensor()
    first = start()
    other_client.has(topics.availability, "online")
    first.stop()
    first.join(30)
    other_client.publish(topics.sensor_set(door.pk), "ON")
    start()
    until(is_active(door, True), what="the report that the broker has kept")


def test_a_command_does_not_wait_for_the_panel(away, other_client, topics, pin):
    leave, back = away
    door = make_sensor()
    armed()
    leave()
    other_client.publish(topics.command, {"action": "DISARM", "code": PIN})
    other_client.publish(topics.sensor_set(door.pk), "OFF")
    back()
    until(is_active(door, False), what="a report that came after the command")
    assert state() == "armed_away"


def test_more_reports_than_the_panel_takes_at_once_all_wait(
    away, other_client, topics, monkeypatch
):
    monkeypatch.setattr(sensor_reports, "REPORTS_IN_WINDOW", 1000)
    leave, back = away
    doors = [make_sensor(f"Door {number}") for number in range(5)]
    leave()
    for turn in range(50):
        for door in doors:
            other_client.publish(topics.sensor_set(door.pk), "OFF" if turn % 2 else "ON")
    for door in doors:
        other_client.publish(topics.sensor_set(door.pk), "ON")
    back()
    for door in doors:
        until(is_active(door, True), what="the newest report of each")
    changed = Event.objects.filter(kind="sensor", sensor_id=doors[0].pk, cause="mqtt")
    until(lambda: changed.count() == 51, what="every report, once")


def test_a_restarted_broker_is_connected_to_again(connected, other_client, topics):
    door = make_sensor()
    with broker_is_dead():
        is_status("unreachable")
    is_status("connected")
    until(lambda: other_client._client.is_connected(), what="the other client")
    other_client.publish(topics.sensor_set(door.pk), "ON")
    until(is_active(door, True), what="the report")


# --- Reports that the broker has stored -----------------------------------------------------------


def stored(minutes: float, active: bool = True) -> str:
    at = timezone.now() - dt.timedelta(minutes=minutes)
    return json.dumps({"active": active, "at": at.isoformat()})


def test_a_stored_report_is_taken_with_its_age(start, other_client, topics):
    door = make_sensor(last_heard_at=None)
    other_client.publish(topics.sensor_set(door.pk), stored(minutes=120), retain=True)
    start()
    until(is_active(door, True), what="the stored report")
    heard = Sensor.objects.get(pk=door.pk).last_heard_at
    assert dt.timedelta(minutes=119) < timezone.now() - heard


@pytest.mark.parametrize(
    ("minutes", "heard_later"), [(120, True), (4 * 24 * 60, False)], ids=["older", "too old"]
)
def test_an_old_stored_report_changes_nothing(start, other_client, topics, minutes, heard_later):
    door, live = make_sensor(last_heard_at=None), make_sensor("Live")
    if heard_later:
        hear(door, False)
    other_client.publish(topics.sensor_set(door.pk), stored(minutes), retain=True)
    start()
    other_client.has(topics.state, "disarmed")
    other_client.publish(topics.sensor_set(live.pk), "ON")
    until(is_active(live, True), what="a report that came after it")
    assert is_active(door, False if heard_later else None)()


def test_a_stored_report_without_its_age_is_ignored_and_recorded(start, other_client, topics):
    door = make_sensor(last_heard_at=None)
    other_client.publish(topics.sensor_set(door.pk), "ON", retain=True)
    start()
    found = Event.objects.filter(detail__contains="without “at”")
    until(found.exists, what="the event")
    assert is_active(door, None)()


# --- What the broker refuses ----------------------------------------------------------------------


@pytest.fixture
def restrict(claimed_broker):
    """A function that makes an account with the given access, in the broker's words."""
    names = []

    def make(name: str, *access: str) -> dict[str, str]:
        tools.control("createRole", name)
        for one in access:
            kind, topic = one.split()
            tools.control("addRoleACL", name, kind, topic, "allow")
        tools.control("createClient", name, "-p", "secret")
        tools.control("addClientRole", name, name)
        names.append(name)
        return {"username": name, "password": "secret"}

    yield make
    for name in names:
        tools.control("deleteClient", name)
        tools.control("deleteRole", name)


def test_a_refused_subscription_is_shown(start, restrict, other_client, topics):
    login = restrict(
        "no-commands",
        *("publishClientSend #", "publishClientReceive #"),
        *(f"subscribePattern {topics.prefix}/#", f"subscribePattern {topics.sensor_sets}"),
        *(f"subscribePattern {topics.state}", "subscribePattern homeassistant/status"),
    )
    start(**login)
    shown = is_status("restricted")
    assert f"refuses the panel to read {topics.command}" in shown.detail
    other_client.has(topics.state, "disarmed")  # the rest works
    door = make_sensor()
    other_client.publish(topics.sensor_set(door.pk), "ON")
    until(is_active(door, True), what="a report")


def test_a_refused_publication_is_shown(start, restrict, other_client, topics):
    rights = ("publishClientReceive #", "subscribePattern #")
    login = restrict("no-states", *rights, f"publishClientSend {topics.availability}")
    start(**login)
    until(lambda: "to write" in is_status("restricted").detail, what="the refusal")
    assert topics.state not in other_client.retained


# --- Too much -------------------------------------------------------------------------------------


def test_of_a_sensor_that_flaps_the_newest_report_counts(
    connected, other_client, topics, monkeypatch
):
    monkeypatch.setattr(sensor_reports, "WINDOW", dt.timedelta(seconds=2))
    door = make_sensor()
    for number in range(200):
        other_client.publish(topics.sensor_set(door.pk), "OFF" if number % 2 else "ON")
    other_client.publish(topics.sensor_set(door.pk), "ON")
    reports = Event.objects.filter(sensor_id=door.pk, kind="sensor")
    until(lambda: is_active(door, True)() and reports.count() > 2, what="the newest report")
    ignored = Event.objects.filter(kind="integration", detail__startswith="Ignored")
    assert ignored.count() <= 10
    # Not only for the moment: nothing is left that would change it back.
    other_client.publish(topics.sensor_set(make_sensor("Live").pk), "ON")
    until(is_active(Sensor.objects.get(name="Live"), True), what="a later report of another")
    until(is_active(door, True), what="the newest report, still")


def test_a_message_of_a_megabyte_reaches_nothing(connected, topics, other_client):
    other_client.has(topics.state, "disarmed")
    for topic in (topics.panel_config, topics.sensor_config(77)):
        attacker = tools.OtherClient(f"{topics.base}/nothing")
        ended = []
        attacker._client.on_disconnect = lambda *answer, ended=ended: ended.append(answer)
        attacker._client.publish(topic, "x" * 2**20, qos=1, retain=True)
        until(lambda ended=ended: ended, what="the end of the connection")
        attacker.leave()
    other_client.publish("homeassistant/status", "online")
    door = make_sensor()
    other_client.publish(topics.sensor_set(door.pk), "ON")
    until(is_active(door, True), what="a report after it")
    assert topics.sensor_config(77) not in other_client.retained
    assert is_status("connected")
