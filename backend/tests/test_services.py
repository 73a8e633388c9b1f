"""Changes: complete, one at a time, each with its event and its number."""

import contextlib
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

import broadcast
from alarm import changes, sensor_reports, services
from alarm.models import Alarm, AlarmSettings, Change, Event, Sensor
from alarm.transitions import IllegalTransition
from alarm.unit_of_work import CannotBypass
from core.guard import NotDisarmed
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
from tests.conftest import in_threads

pytestmark = pytest.mark.django_db(transaction=True)


def transitions() -> list[tuple[str, str]]:
    events = Event.objects.filter(kind="transition").order_by("id")
    return list(events.values_list("from_state", "to_state"))


def test_a_change_moves_the_state_the_sequence_and_the_history_together():
    before = current()
    after = arm("night")
    assert after == current()
    assert (after["state"], after["target"]) == ("arming", "armed_night")
    assert after["sequence"] == before["sequence"] + 2 == Change.objects.count()
    assert after["deadline"] > after["changed_at"]
    event = Event.objects.get()
    assert (event.from_state, event.to_state, event.cause) == ("disarmed", "arming", "api")
    assert (event.person_name, event.source) == (ANNA.person_name, ANNA.source)


def test_a_delay_of_zero_is_skipped():
    set_delays(exit_delay=0, entry_delay=0)
    door = make_sensor(type="entry_exit")
    after = arm("home")
    assert (after["state"], after["target"], after["deadline"]) == ("armed_home", None, None)
    hear(door)
    after = current()
    assert (after["state"], after["target"]) == ("triggered", "armed_home")
    assert transitions() == list(
        pairwise(["disarmed", "arming", "armed_home", "pending", "triggered"])
    )


@pytest.mark.parametrize("mode", ["home", "away", "night", "vacation"])
def test_after_the_siren_it_is_armed_as_before(mode):
    set_delays(siren_duration=90)
    door = make_sensor()
    armed(mode)
    hear(door)
    after = current()
    assert (after["state"], after["target"]) == ("triggered", f"armed_{mode}")
    assert after["triggered_by"] == [{"id": door.pk, "name": "Back door", "kind": "door"}]
    alarm = Alarm.objects.get()
    assert (alarm.deadline - alarm.changed_at).total_seconds() == 90
    after = end_delay()
    assert (after["state"], after["target"], after["triggered_by"]) == (f"armed_{mode}", None, [])


def test_an_illegal_change_leaves_no_trace():
    before = current()
    with pytest.raises(IllegalTransition, match="nothing to disarm"):
        disarm()
    assert current() == before
    assert not Event.objects.exists()
    assert not Change.objects.exists()


def test_open_sensors_prevent_arming_in_their_modes():
    door = make_sensor("Back door", modes=["away"])
    window = make_sensor("Attic window", "window", modes=["away", "night"])
    hear(door)
    hear(window)
    with pytest.raises(services.NotReady) as refused:
        arm("away")
    assert str(refused.value) == "Not ready to arm: Back door and Attic window are open."
    with pytest.raises(services.NotReady) as refused:
        arm("away", bypass=[door.pk])
    assert str(refused.value) == "Not ready to arm: Attic window is open."
    assert refused.value.more["sensors"] == [
        {"id": window.pk, "name": "Attic window", "reasons": ["open"]}
    ]
    assert not Sensor.objects.filter(bypassed=True).exists()
    assert current()["not_ready"]["home"] == []
    assert arm("away", bypass=[door.pk, window.pk])["state"] == "arming"


def test_a_bypass_lasts_until_the_next_disarming():
    door = make_sensor()
    hear(door)
    arm("away", bypass=[door.pk])
    end_delay()
    hear(door, False)
    hear(door)
    assert state() == "armed_away"
    hear(door, False)
    disarm()
    assert not Sensor.objects.get().bypassed
    armed()
    hear(door)
    assert state() == "triggered"


def test_life_safety_and_unknown_sensors_are_not_bypassed():
    smoke = make_sensor("Kitchen", "smoke")
    with pytest.raises(CannotBypass, match="protects lives"):
        arm(bypass=[smoke.pk])
    with pytest.raises(sensor_reports.UnknownSensor, match="no sensor 4711"):
        arm(bypass=[4711])
    assert state() == "disarmed"


@pytest.mark.parametrize("kind", ["smoke", "water"])
@pytest.mark.parametrize("before", ["disarmed", "arming", "armed_away", "pending", "triggered"])
def test_smoke_and_water_sound_the_siren_in_every_state(kind, before):
    entrance = make_sensor("Front door", type="entry_exit")
    window = make_sensor("Window", "window")
    life = make_sensor("Cellar", kind)
    if before != "disarmed":
        arm()
    if before in ("armed_away", "pending", "triggered"):
        end_delay()
    if before == "pending":
        hear(entrance)
    if before == "triggered":
        hear(window)
    assert state() == before
    hear(life)
    after = current()
    assert after["state"] == "triggered"
    assert after["triggered_by"][-1]["kind"] == kind
    assert after["target"] == (None if before == "disarmed" else "armed_away")
    hear(life, False)
    expected = "disarmed" if before == "disarmed" else "armed_away"
    assert end_delay()["state"] == expected


def test_on_the_way_out_entry_sensors_are_ignored_and_others_are_not():
    entrance = make_sensor("Front door", type="entry_exit")
    window = make_sensor("Window", "window")
    arm()
    hear(entrance)
    assert state() == "arming"
    hear(window)
    assert state() == "triggered"


def test_on_the_way_in_entry_sensors_are_ignored_and_others_are_not():
    entrance = make_sensor("Front door", type="entry_exit")
    hall = make_sensor("Hall", "motion", type="entry_exit")
    window = make_sensor("Window", "window")
    armed()
    hear(entrance)
    deadline = current()["deadline"]
    hear(hall)
    after = current()
    assert (after["state"], after["deadline"]) == ("pending", deadline)
    assert [one["name"] for one in after["triggered_by"]] == ["Front door"]
    hear(window)
    after = current()
    assert after["state"] == "triggered"
    assert [one["name"] for one in after["triggered_by"]] == ["Front door", "Window"]


def test_a_door_left_open_when_the_exit_delay_ends_counts_as_opened_then():
    entrance = make_sensor("Front door", type="entry_exit")
    hall = make_sensor("Hall", "motion", type="entry_exit")
    arm()
    hear(entrance)
    hear(hall)
    after = end_delay()
    assert (after["state"], after["target"]) == ("pending", "armed_away")
    assert [one["name"] for one in after["triggered_by"]] == ["Front door"]
    assert transitions()[-2:] == [("arming", "armed_away"), ("armed_away", "pending")]


def test_movement_at_the_end_of_the_exit_delay_does_not_trigger():
    hall = make_sensor("Hall", "motion", type="entry_exit")
    hear(hall)
    arm()
    assert end_delay()["state"] == "armed_away"


def test_each_sensor_prolongs_the_siren_once():
    one, other = make_sensor("One"), make_sensor("Other")
    armed()
    hear(one)
    first = current()
    hear(one, False)
    hear(one)
    again = current()
    assert (again["deadline"], again["changed_at"]) == (first["deadline"], first["changed_at"])
    hear(other)
    after = current()
    assert after["deadline"] > first["deadline"]
    assert [sensor["name"] for sensor in after["triggered_by"]] == ["One", "Other"]


@pytest.mark.parametrize("round_", range(3))
def test_of_parallel_changes_exactly_one_wins(round_):
    results = in_threads(*[arm] * 6)
    assert sum(isinstance(result, dict) for result in results) == 1
    assert sum(isinstance(result, IllegalTransition) for result in results) == 5
    assert Event.objects.count() == 1


def test_everything_at_once_stays_consistent():
    """People, sensors, settings and the timer: no gap in the numbers, no break in the history."""
    set_delays(exit_delay=0)
    sensors = [make_sensor(f"Door {n}", entry_delay=bool(n % 2)) for n in range(3)]

    def people():
        for _ in range(12):
            for change in (arm, disarm):
                try:
                    change()
                except (IllegalTransition, services.NotReady):
                    continue

    def sensor(one):
        def work():
            for active in [True, False] * 6:
                hear(one, active)

        return work

    def timer():
        for _ in range(12):
            end_delay()

    def admin():
        for seconds in range(6):
            with contextlib.suppress(NotDisarmed):
                services.change_settings(ANNA, "api", siren_duration=60 + seconds)

    results = in_threads(people, people, timer, admin, *map(sensor, sensors))
    assert results == [None] * 7
    numbers = list(Change.objects.order_by("sequence").values_list("sequence", flat=True))
    newest = current()["sequence"]
    assert numbers == list(range(newest - len(numbers) + 1, newest + 1))
    steps = transitions()
    assert steps[0][0] == "disarmed"
    assert all(left[1] == right[0] for left, right in pairwise(steps))
    assert steps[-1][1] == state()
    last = Change.objects.filter(topic="alarm").latest("sequence").data
    assert last == {key: value for key, value in current().items() if key != "sequence"}


def test_reading_the_state_is_one_query(django_assert_num_queries):
    current()
    with django_assert_num_queries(1):
        current()


def test_there_is_one_alarm():
    with pytest.raises(IntegrityError):
        Alarm.objects.create(pk=2)


def test_a_change_that_cannot_be_announced_is_not_made(monkeypatch):
    """The announcement is part of the transaction: here it fails, so the change is rolled back."""
    before = current()

    def fail(group, message):
        raise RuntimeError

    monkeypatch.setattr(broadcast, "announce", fail)
    with pytest.raises(RuntimeError):
        arm()
    assert current() == before
    assert not Change.objects.exists()


def test_a_duress_code_answers_like_any_other_and_only_admins_see_it(pin):
    duress = codes.create("9999", "Help", duress=True)
    plain = codes.verify(pin, "person:1")
    answers = []
    for code in (plain, duress):
        armed()
        answers.append(disarm(code))
    assert {**answers[0], "changed_at": 0, "sequence": 0} == {
        **answers[1],
        "changed_at": 0,
        "sequence": 0,
    }
    used = Change.objects.filter(topic="event", masked__isnull=False).order_by("sequence")
    assert [change.data["kind"] for change in used] == ["code", "duress"]
    assert [(change.masked["kind"], change.masked["detail"]) for change in used] == [
        ("code", "")
    ] * 2


def test_a_duress_code_is_recorded_even_where_there_is_nothing_to_disarm(pin):
    with pytest.raises(IllegalTransition):
        disarm(codes.create("9999", "Help", duress=True))
    assert Event.objects.get().kind == "duress"


def test_the_log_of_changes_is_trimmed(monkeypatch):
    monkeypatch.setattr(changes, "KEPT", 20)
    monkeypatch.setattr(changes, "TRIMMED_EVERY", 5)
    for number in range(43):
        changes.announce("settings", {"number": number})
    assert Change.objects.count() == 23
    assert [change.data["number"] for change in changes.since(40)] == [40, 41, 42]
    assert changes.since(43) == []
    assert changes.since(44) is None
    assert changes.since(22) is None


def test_the_settings_cannot_shorten_a_running_delay():
    deadline = arm()["deadline"]
    with pytest.raises(NotDisarmed):
        services.change_settings(ANNA, "api", exit_delay={"away": 1})
    assert current()["deadline"] == deadline
    assert fire_due() is None
    assert timezone.now() < Alarm.objects.get().deadline


def test_the_first_settings_are_the_environments(settings):
    settings.ALARM_EXIT_DELAY, settings.ALARM_RETENTION_DAYS = 7, 8
    first = AlarmSettings.load()
    assert (first.exit_delay, first.retention_days) == (by_mode(7), 8)
    settings.ALARM_EXIT_DELAY = 9
    assert AlarmSettings.load().exit_delay == by_mode(7)


def test_a_running_alarm_of_the_first_release_can_be_disarmed():
    """The migration's statement, on a row of the first release."""
    from importlib import import_module

    migration = import_module("alarm.migrations.0002_sensors_events_changes")
    door = make_sensor(type="entry_exit")
    armed("home")
    hear(door)
    Alarm.objects.update(target=None)
    with connection.cursor() as cursor:
        cursor.execute(migration.ORIGIN)
    assert current()["target"] == "armed_home"
    assert disarm()["state"] == "disarmed"
