"""Supervision: a sensor is believed as long as it was heard."""

import datetime as dt

import pytest
from django.db import OperationalError
from django.utils import timezone

from alarm import clock, sensor_reports, sensors, services, supervision, worker
from alarm.models import Change, Event, Sensor
from alarm.sensor_types import HEARTBEAT
from tests.actions import ANNA, arm, armed, current, disarm, hear, make_sensor, state

pytestmark = pytest.mark.django_db(transaction=True)


def ago(**duration: float) -> dt.datetime:
    return timezone.now() - dt.timedelta(**duration)


@pytest.fixture
def clocks(monkeypatch):
    """Two clocks: `pass_(seconds)` moves both, `jump(seconds)` the one that can be set."""

    class Clocks:
        now, steady = timezone.now(), 1000.0

        def pass_(self, seconds: float) -> None:
            self.jump(seconds)
            self.steady += seconds

        def jump(self, seconds: float) -> None:
            self.now += dt.timedelta(seconds=seconds)

    made = Clocks()
    monkeypatch.setattr(timezone, "now", lambda: made.now)
    monkeypatch.setattr(clock, "steady_time", lambda: made.steady)
    return made


def troubles() -> list[tuple[str, str]]:
    """Return the events of troubles as sensor and detail, oldest first."""
    found = Event.objects.filter(kind="trouble").order_by("id")
    return list(found.values_list("sensor_name", "detail"))


def test_a_heartbeat_that_runs_out_is_noticed_at_its_moment_and_once(clocks):
    door = make_sensor(heartbeat=300, last_heard_at=clocks.now)
    watch = supervision.Supervision()
    for _ in range(29):
        watch.tick()
        clocks.pass_(10)
    watch.tick()
    assert troubles() == []
    clocks.pass_(10)
    for _ in range(3):
        watch.tick()
        clocks.pass_(10)
    assert troubles() == [("Back door", "No contact.")]
    after = current()
    assert after["trouble"] == [{"id": door.pk, "name": "Back door", "trouble": ["no_contact"]}]
    assert after["not_ready"]["away"] == [
        {"id": door.pk, "name": "Back door", "reasons": ["no_contact"]}
    ]
    assert Change.objects.filter(topic="sensor").latest("sequence").data["trouble"] == [
        "no_contact"
    ]


def test_a_worker_that_begins_says_what_prevents_arming_by_the_rules_of_its_version():
    make_sensor(last_heard_at=None)
    assert current()["not_ready"]["away"] == []
    supervision.Supervision().tick()
    assert [one["reasons"] for one in current()["not_ready"]["away"]] == [["no_contact"]]


def test_it_stands_in_the_way_of_arming_and_can_be_bypassed():
    door = make_sensor(last_heard_at=ago(seconds=HEARTBEAT + 1))
    supervision.Supervision().tick()
    with pytest.raises(services.NotReady, match=r"Back door has no contact\."):
        arm()
    assert arm(bypass=[door.pk])["state"] == "arming"


def test_a_report_ends_it_and_is_the_next_heartbeat():
    door = make_sensor(last_heard_at=ago(seconds=HEARTBEAT + 1))
    supervision.Supervision().tick()
    hear(door, None)
    assert troubles() == [("Back door", "No contact."), ("Back door", "In contact again.")]
    assert (current()["trouble"], current()["not_ready"]["away"]) == ([], [])
    door.refresh_from_db()
    assert door.active is None
    assert arm()["state"] == "arming"


def test_a_report_that_a_broker_has_kept_for_too_long_is_no_contact():
    door = make_sensor(last_heard_at=ago(days=3), no_contact=True)
    hear(door, True, at=ago(days=2), is_stored=True)
    door.refresh_from_db()
    assert (door.active, door.no_contact) == (True, True)


def test_one_that_was_never_heard_prevents_arming_at_once_and_is_a_trouble_later(clocks):
    new = make_sensor("New", last_heard_at=None, created_at=clocks.now)
    with pytest.raises(services.NotReady, match="New has no contact"):
        arm()
    watch = supervision.Supervision()
    watch.tick()
    assert troubles() == []
    clocks.pass_(HEARTBEAT)
    watch.tick()
    assert troubles() == [("New", "No contact.")]
    hear(new, False)
    assert arm()["state"] == "arming"


def test_without_a_heartbeat_a_sensor_may_be_silent_for_ever():
    make_sensor(heartbeat=0, last_heard_at=ago(days=900))
    make_sensor("New", heartbeat=0, last_heard_at=None, created_at=ago(days=900))
    supervision.Supervision().tick()
    assert troubles() == []
    assert arm()["state"] == "arming"


def test_smoke_detectors_without_contact_are_a_trouble_and_prevent_nothing():
    make_sensor("Kitchen", "smoke", last_heard_at=ago(days=2))
    supervision.Supervision().tick()
    assert troubles() == [("Kitchen", "No contact.")]
    assert arm()["state"] == "arming"


def test_one_that_loses_contact_while_armed_is_a_trouble_and_no_alarm():
    door = make_sensor()
    armed()
    Sensor.objects.filter(pk=door.pk).update(last_heard_at=ago(days=2))
    supervision.Supervision().tick()
    assert (state(), len(troubles())) == ("armed_away", 1)


@pytest.mark.parametrize("days", [-3, 3])
def test_a_clock_that_jumps_takes_no_sensor_away(clocks, days):
    make_sensor(last_heard_at=clocks.now)
    watch = supervision.Supervision()
    watch.tick()
    clocks.pass_(600)
    watch.tick()
    clocks.jump(days * 86400)
    for _ in range(60):
        clocks.pass_(600)
        watch.tick()
    assert troubles() == []
    assert abs(timezone.now() - Sensor.objects.get().last_heard_at) < dt.timedelta(hours=11)
    clocks.pass_(HEARTBEAT)
    watch.tick()
    assert troubles() == [("Back door", "No contact.")]


def test_another_heartbeat_ends_a_lost_contact():
    door = make_sensor(last_heard_at=ago(days=2))
    supervision.Supervision().tick()
    changed = sensors.change(door.pk, ANNA, "api", heartbeat=7 * 86400)
    assert changed.trouble == []
    assert current()["trouble"] == []


def test_low_battery_and_tampering_are_troubles_and_prevent_what_they_should():
    door = make_sensor()
    hear(door, None, battery_low=True)
    assert arm()["state"] == "arming"
    disarm()
    hear(door, None, tamper=True)
    with pytest.raises(services.NotReady, match=r"Back door is tampered with\."):
        arm()
    hear(door, None, battery_low=False, tamper=False)
    assert [detail for _, detail in troubles()] == [
        "Low battery.",
        "Tampered with.",
        "The battery is good again.",
        "Not tampered with any more.",
    ]
    assert current()["trouble"] == []


def test_a_report_says_only_what_it_says():
    door = make_sensor(active=True, battery_low=True, tampered=True)
    hear(door, None)
    door.refresh_from_db()
    assert (door.active, door.battery_low, door.tampered) == (True, True, True)


# --- Bad input ------------------------------------------------------------------------------------


def test_a_sensor_that_flaps_a_hundred_times_a_second_floods_nothing():
    door = make_sensor()
    armed()
    before = Event.objects.count()
    refused = 0
    for number in range(100):
        try:
            hear(door, not number % 2)
        except sensor_reports.TooManyReports:
            refused += 1
    assert state() == "triggered"
    assert refused == 100 - sensor_reports.REPORTS_IN_WINDOW
    assert Event.objects.count() <= before + sensor_reports.REPORTS_IN_WINDOW + 2
    assert [one["name"] for one in current()["memory"]] == ["Back door"]


def test_while_the_database_is_away_a_report_is_to_be_repeated(browser, admin, monkeypatch):
    door = make_sensor()
    sensor_reports.renew_token(door)
    door.save()
    armed()
    real = sensor_reports.unit_of_work

    def away(*_):
        raise OperationalError("the connection was lost")

    def report():
        path, bearer = f"sensors/{door.pk}/events/", f"Bearer {door.token}"
        return browser.ask("POST", path, {"active": True, "event_id": "1"}, authorization=bearer)

    monkeypatch.setattr(sensor_reports, "unit_of_work", away)
    answer = report()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert state() == "armed_away"
    monkeypatch.setattr(sensor_reports, "unit_of_work", real)
    assert report().status_code == 202
    assert state() == "triggered"


def test_a_siren_that_ended_while_the_database_was_away_ends_when_it_is_back(monkeypatch):
    door = make_sensor()
    armed()
    hear(door)
    passed, real = [0.0], timezone.now
    monkeypatch.setattr(clock, "steady_time", lambda: passed[0])
    timer = worker.Timer()
    assert timer.tick() > 0
    reading = services.running_delay

    def away():
        raise OperationalError("the connection was lost")

    monkeypatch.setattr(services, "running_delay", away)
    with pytest.raises(OperationalError):
        timer.tick()
    passed[0] = 400.0
    monkeypatch.setattr(services, "running_delay", reading)
    monkeypatch.setattr(timezone, "now", lambda: real() + dt.timedelta(seconds=400))
    assert worker.Timer().tick() == 0
    assert state() == "armed_away"
