"""How the alarm reacts to each type of sensor, and what depends on that."""

import pytest

from alarm import sensor_reports, services, signals
from alarm.models import Alarm, AlarmSettings, Change, Event, Sensor
from people import codes
from tests.actions import (
    ANNA,
    arm,
    armed,
    by_mode,
    current,
    disarm,
    end_delay,
    fire_due,
    hear,
    make_sensor,
    set_delays,
    state,
)

pytestmark = pytest.mark.django_db(transaction=True)


def seconds_left() -> int:
    """Return the whole length of the running delay."""
    alarm = Alarm.objects.get()
    assert alarm.deadline
    assert alarm.delay_began_at
    return round((alarm.deadline - alarm.delay_began_at).total_seconds())


def kinds() -> list[str]:
    return list(Event.objects.order_by("id").values_list("kind", flat=True))


# --- Entry, exit, interior ------------------------------------------------------------------------


def test_an_interior_sensor_follows_an_entry_and_is_instant_without_one():
    door = make_sensor("Front door", type="entry_exit")
    hall = make_sensor("Hall", "motion", type="interior")
    arm()
    hear(hall)
    assert state() == "arming"  # on the way out
    hear(hall, False)
    end_delay()
    hear(door)
    hear(hall)
    assert state() == "pending"
    assert [one["name"] for one in current()["triggered_by"]] == ["Front door"]
    disarm()
    hear(hall, False)
    hear(door, False)
    armed()
    hear(hall)  # without an entry: an intruder in the house
    assert state() == "triggered"


def test_an_interior_motion_sensor_that_sees_who_arms_prevents_nothing():
    hall = make_sensor("Hall", "motion", type="interior")
    hear(hall)
    assert current()["not_ready"]["away"] == []
    arm()
    assert end_delay()["state"] == "armed_away"


def test_of_doors_left_open_the_entry_comes_first():
    cupboard = make_sensor("Cupboard", type="interior")
    door = make_sensor("Front door", type="entry_exit")
    arm()
    hear(cupboard)
    hear(door)
    assert end_delay()["state"] == "pending"


def test_closing_the_final_door_ends_the_exit_delay():
    door = make_sensor("Front door", type="entry_exit", final_door=True)
    other = make_sensor("Garage", type="entry_exit")
    arm()
    hear(other)
    hear(other, False)
    assert state() == "arming"
    hear(door)
    assert state() == "arming"
    hear(door, False)
    assert state() == "armed_away"
    event = Event.objects.filter(kind="transition").first()
    assert (event.sensor_name, event.cause) == ("Front door", "sensor")


@pytest.mark.parametrize("how", ["bypassed", "other mode", "first report"])
def test_a_final_door_that_is_not_watched_or_was_not_open_ends_nothing(how):
    modes = ["home"] if how == "other mode" else ["away"]
    door = make_sensor(type="entry_exit", final_door=True, modes=modes)
    arm(bypass=[door.pk] if how == "bypassed" else [])
    if how != "first report":
        hear(door)
    hear(door, False)
    assert state() == "arming"


def test_delays_are_the_modes_or_the_sensors():
    set_delays()
    delays = {**by_mode(10), "night": 20}
    AlarmSettings.objects.update(exit_delay={**delays, "home": 0}, entry_delay=delays)
    door = make_sensor("Front door", type="entry_exit")
    gate = make_sensor("Gate", type="entry_exit", entry_delay=90)
    shed = make_sensor("Shed", type="entry_exit", entry_delay=0)
    arm("night")
    assert seconds_left() == 20
    end_delay()
    hear(door)
    assert seconds_left() == 20
    disarm()
    hear(door, False)
    assert arm("home")["state"] == "armed_home"
    hear(gate)
    assert seconds_left() == 90
    disarm()
    hear(gate, False)
    arm("home")
    hear(shed)
    assert state() == "triggered"


# --- 24 hours -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "type"), [("tamper", "tamper"), ("panic", "panic")])
@pytest.mark.parametrize("before", ["disarmed", "arming", "armed_away"])
def test_tamper_and_panic_sound_the_siren_in_every_state(kind, type, before):
    sensor = make_sensor("Box", kind, type=type)
    if before != "disarmed":
        arm()
    if before == "armed_away":
        end_delay()
    hear(sensor)
    after = current()
    assert (after["state"], after["siren"]) == ("triggered", True)
    expected = "disarmed" if before == "disarmed" else "armed_away"
    assert end_delay()["state"] == expected


def test_tampering_with_a_door_sounds_the_siren_only_while_it_is_watched():
    door = make_sensor(modes=["away"])
    hear(door, None, tamper=True)
    assert state() == "disarmed"
    hear(door, None, tamper=False)
    armed("home")
    hear(door, None, tamper=True)
    assert state() == "armed_home"
    hear(door, None, tamper=False)
    disarm()
    armed("away")
    hear(door, None, tamper=True)
    after = current()
    assert after["state"] == "triggered"
    assert after["triggered_by"] == [{"id": door.pk, "name": "Back door", "kind": "tamper"}]


def test_an_environmental_sensor_is_a_trouble_without_a_siren():
    freezer = make_sensor("Freezer", "cold")
    armed()
    hear(freezer)
    after = current()
    assert (after["state"], after["siren"]) == ("armed_away", False)
    assert after["trouble"] == [{"id": freezer.pk, "name": "Freezer", "trouble": ["environmental"]}]
    hear(freezer, False)
    assert current()["trouble"] == []
    told = Event.objects.filter(kind="trouble").order_by("id").values_list("detail", flat=True)
    assert list(told) == ["Cold.", "Not cold any more."]
    assert "sensor" not in kinds()


def test_a_silent_panic_is_seen_by_admins_alone(login, admin, resident):
    button = make_sensor("Bedside", "panic", type="silent_panic")
    before = current()
    hear(button)
    after = current()
    assert {**after, "sequence": 0} == {**before, "sequence": 0}
    event = Event.objects.get()
    assert (event.kind, event.detail, event.sensor_name) == ("silent_panic", "Pressed.", "Bedside")
    hear(button, False)
    assert Event.objects.count() == 1
    assert "silent_panic" in str(login(admin).ask("GET", "events/").json())
    page = login(resident)
    for query in ("", "?kind=silent_panic", f"?sensor={button.pk}"):
        found = page.ask("GET", f"events/{query}").json()["results"]
        assert {event["kind"] for event in found} <= {"login"}


def test_a_silent_panic_leaves_no_trace_in_what_a_resident_is_sent():
    button = make_sensor("Bedside", "panic", type="silent_panic")
    hear(button)
    for change in Change.objects.all():
        shown = change.data if change.masked is None else change.masked
        assert "Pressed" not in str(shown)
        assert "silent_panic" not in str({**shown, "type": ""})
        assert shown.get("active") is not True
    assert Sensor.objects.get().shown_active is False


def test_a_refused_silent_panic_is_told_to_admins_and_a_refused_release_to_none():
    button = make_sensor("Bedside", "panic", type="silent_panic")
    refusal = sensor_reports.Stale("This report is late.")
    for active in (True, False):
        sensor_reports.record_refusal(button.pk, active, refusal, actor=ANNA, cause="sensor")
    told = list(Event.objects.order_by("id").values_list("kind", "detail"))
    assert told == [
        ("silent_panic", "Refused: Pressed. This report is late."),
        ("sensor", "Refused: This report is late."),
    ]


# --- Chime and signals ----------------------------------------------------------------------------


def test_a_chime_rings_while_disarmed():
    door = make_sensor(chime=True, type="entry_exit")
    quiet = make_sensor("Other")
    rung = []
    signals.chimed.connect(lambda sensor, **_: rung.append(sensor.name), weak=False, dispatch_uid=1)
    try:
        for sensor in (door, quiet):
            hear(sensor)
            hear(sensor, False)
        armed()
        hear(door)
    finally:
        signals.chimed.disconnect(dispatch_uid=1)
    told = [change.data for change in Change.objects.filter(topic="chime")]
    assert told == [{"id": door.pk, "name": "Back door"}]
    assert rung == ["Back door"]


@pytest.fixture
def heard():
    """What the alarm has told by its signals: kinds of events, and states."""
    told: dict[str, list] = {"events": [], "alarms": []}
    signals.event_written.connect(
        lambda event, **_: told["events"].append(event.kind), weak=False, dispatch_uid=2
    )
    signals.alarm_changed.connect(
        lambda alarm, **_: told["alarms"].append((alarm.state, alarm.siren, len(alarm.memory))),
        weak=False,
        dispatch_uid=3,
    )
    yield told
    signals.event_written.disconnect(dispatch_uid=2)
    signals.alarm_changed.disconnect(dispatch_uid=3)


def test_other_apps_hear_of_each_event_and_of_what_changes(heard):
    door = make_sensor()
    hear(door)
    hear(door, False)
    armed()
    hear(door)
    end_delay()
    services.acknowledge(ANNA, "api")
    assert heard["events"] == kinds()
    assert heard["alarms"] == [
        ("arming", False, 0),
        ("armed_away", False, 0),
        ("triggered", True, 1),
        ("armed_away", False, 1),
        ("armed_away", False, 0),
    ]


def test_an_app_that_fails_does_not_keep_the_siren_from_sounding(caplog):
    def fail(event, **_):
        codes.create("4711", "Written by the receiver")
        raise ValueError(event.kind)

    door = make_sensor()
    armed()
    signals.event_written.connect(fail, weak=False, dispatch_uid=4)
    try:
        hear(door)
    finally:
        signals.event_written.disconnect(dispatch_uid=4)
    assert current()["siren"] is True
    assert "the alarm goes on" in caplog.text
    assert not codes.Code.objects.exists()
    assert fire_due() is None
