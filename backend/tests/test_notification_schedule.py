"""What is told at a time: late arming, and an alarm that is not acknowledged."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from alarm import services
from alarm.models import Alarm, Cause, Event
from notifications import channels, escalation, late_arming, rendering
from notifications.models import Delivery, NotificationSettings
from tests.actions import ANNA, arm, armed, disarm, hear, make_sensor
from tests.notifying import make_channel, told, waiting

pytestmark = pytest.mark.django_db(transaction=True)
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> dt.datetime:
    """Return a moment of 2026 in Berlin, such as `07-01 23:00`."""
    return dt.datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=BERLIN)


@pytest.fixture
def late(admin):
    """Late arming at 23:00 in Berlin, told to a channel."""
    make_channel(kinds=["late_arming"])
    row = NotificationSettings.load()
    row.late_arming_at, row.time_zone = dt.time(23), "Europe/Berlin"
    row.save()
    return row


def test_it_is_off_at_first(admin):
    make_channel()
    late_arming.tell_if_due(at("07-01 23:00"))
    assert told() == []


@pytest.mark.parametrize("day", ["07-01", "12-01"])
def test_it_is_told_once_a_day_at_the_local_time(late, day):
    for time in ("22:59", "23:00", "23:01", "23:59"):
        late_arming.tell_if_due(at(f"{day} {time}"))
        assert len(told()) == (0 if time == "22:59" else 1)
    assert told() == [("late_arming", "The alarm is not armed at 23:00.")]
    assert Event.objects.get(kind="notification").detail == "The alarm is not armed at 23:00."


def test_it_is_told_again_on_the_next_day(late):
    late_arming.tell_if_due(at("07-01 23:00"))
    late_arming.tell_if_due(at("07-02 22:59"))
    late_arming.tell_if_due(at("07-02 23:00"))
    assert told() == [("late_arming", "The alarm is not armed at 23:00. (2 times)")]


def test_an_armed_alarm_is_not_told_and_one_whose_exit_delay_runs_neither(late):
    arm()
    late_arming.tell_if_due(at("07-01 23:00"))
    disarm()
    armed()
    late_arming.tell_if_due(at("07-02 23:00"))
    assert told() == []


def test_a_panel_that_was_off_at_the_time_tells_it_within_an_hour(late):
    late.late_arming_at = dt.time(1)
    late.save()
    late_arming.tell_if_due(at("07-01 01:50"))
    assert len(told()) == 1
    late_arming.tell_if_due(at("07-02 09:00"))
    assert told()[0][1] == "The alarm is not armed at 01:00."


def test_it_is_told_after_midnight_too_if_the_panel_was_off_at_the_time(late):
    late.late_arming_at = dt.time(23, 30)
    late.save()
    late_arming.tell_if_due(at("07-02 00:15"))
    late_arming.tell_if_due(at("07-02 00:16"))
    assert told() == [("late_arming", "The alarm is not armed at 23:30.")]
    late_arming.tell_if_due(at("07-02 23:30"))
    assert told() == [("late_arming", "The alarm is not armed at 23:30. (2 times)")]


def test_a_time_that_is_set_when_it_is_past_counts_from_the_next_day(admin, monkeypatch):
    make_channel()
    monkeypatch.setattr(timezone, "now", lambda: at("07-01 23:30"))
    channels.change_settings(ANNA, late_arming_at=dt.time(23), time_zone="Europe/Berlin")
    late_arming.tell_if_due(at("07-01 23:31"))
    assert told() == []


# --- Escalation ---------------------------------------------------------------------------------


def pass_time(minutes: int) -> None:
    """Let the alarm and what was told of it be older."""
    by = dt.timedelta(minutes=minutes)
    alarm = Alarm.objects.get()
    for entry in alarm.memory:
        entry["at"] = (dt.datetime.fromisoformat(entry["at"]) - by).isoformat()
    alarm.save(update_fields=["memory"])
    for row in Delivery.objects.all():
        row.created_at -= by
        row.state = "sent"
        row.save()


@pytest.fixture
def alarm(admin):
    """A function that sets the alarm off by a window."""

    def set_off() -> None:
        window = make_sensor("Window", "window")
        armed()
        hear(window)

    return set_off


def test_it_is_told_again_until_it_is_acknowledged(alarm):
    make_channel(kinds=["alarm"], escalate_after=300)
    make_channel(kinds=["alarm"], name="Once")
    alarm()
    escalation.tell_if_due()
    assert len(waiting()) == 2
    for _ in range(2):
        pass_time(4)
        escalation.tell_if_due()
        assert waiting() == []
        pass_time(1)
        escalation.tell_if_due()
        escalation.tell_if_due()
        assert [(row.target_name, row.title, row.body) for row in waiting()] == [
            ("Mail", "Alarm not acknowledged", "Set off by Window. Acknowledge it at the panel.")
        ]
    disarm()
    assert len(waiting()) == 1
    services.acknowledge(ANNA, Cause.API)
    assert waiting() == []
    pass_time(60)
    escalation.tell_if_due()
    assert waiting() == []


def test_a_channel_without_alarms_is_told_only_if_it_is_not_acknowledged(alarm):
    make_channel(kinds=[], escalate_after=600)
    alarm()
    assert waiting() == []
    pass_time(9)
    escalation.tell_if_due()
    assert waiting() == []
    pass_time(1)
    escalation.tell_if_due()
    assert len(waiting()) == 1


def test_it_ends_after_a_day(alarm):
    make_channel(kinds=["alarm"], escalate_after=300)
    alarm()
    pass_time(25 * 60)
    escalation.tell_if_due()
    assert waiting() == []


def test_a_time_zone_that_is_not_known_any_more_keeps_no_message_back():
    NotificationSettings(time_zone="US/Pacific-New").save()
    moment = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
    lines = [{"text": "Alarm!", "count": 1}]
    row = Delivery(lines=lines, created_at=moment, last_at=moment)
    assert rendering.body(row) == "Alarm!\n2026-07-01 12:00:00 UTC"
