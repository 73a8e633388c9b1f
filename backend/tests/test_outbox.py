"""The outbox: what is told to whom, stored in the transaction of the event, and joined."""

import datetime as dt
import threading

import pytest
from django.db import transaction
from django.utils import timezone

from alarm import events, services
from alarm.models import Cause, Event, EventKind, Sensor
from core.sentences import Sentence
from notifications import dispatch, outbox
from notifications.failures import Failed
from notifications.kinds import Kind
from notifications.messages import Message
from notifications.models import Channel, Delivery, PushSubscription
from people import codes
from people.models import Code, Person, Role
from tests.actions import (
    ANNA,
    SENSOR,
    arm,
    armed,
    disarm,
    end_delay,
    hear,
    make_sensor,
    set_delays,
    state,
)
from tests.conftest import in_threads
from tests.notifying import make_browser, make_channel, told, waiting

pytestmark = pytest.mark.django_db(transaction=True)


def trouble(sensor: Sensor, detail: str) -> None:
    said = Sentence(detail)
    events.record(EventKind.TROUBLE, cause=Cause.SENSOR, actor=SENSOR, sensor=sensor, detail=said)


def send_all() -> None:
    """Let everything that waits be sent."""
    for row in waiting():
        dispatch.finish(row, None)


def age(**ages: dt.timedelta) -> None:
    for row in Delivery.objects.all():
        for name, by in ages.items():
            setattr(row, name, getattr(row, name) - by)
        row.save()


def test_an_alarm_is_told_to_each_channel_and_browser_that_subscribes(admin, resident):
    make_channel(name="Mail")
    make_channel(name="Off", enabled=False)
    make_channel(name="Trouble only", kinds=["trouble"])
    make_browser(resident, kinds=["alarm"])
    make_browser(resident, kinds=["arming"])
    window = make_sensor("Kitchen window", "window")
    armed()
    hear(window)
    alarms = waiting(kind="alarm")
    assert [row.target_name for row in alarms] == ["Mail", "Chrome on Android (Ben)"]
    assert {(row.title, row.body) for row in alarms} == {
        ("Alarm: Kitchen window", "Kitchen window: Opened.")
    }
    assert {row.event_id for row in alarms} == {Event.objects.filter(to_state="triggered").get().pk}


def test_a_deactivated_person_hears_nothing_and_a_removed_one_loses_the_channel(admin, resident):
    make_channel(name="Ben's mail", person=resident)
    make_browser(resident)
    resident.is_active = False
    resident.save()
    make_sensor("Smoke", "smoke")
    services.trigger(ANNA, Cause.API)
    assert waiting() == []
    resident.delete()
    assert not Channel.objects.exists()
    assert not PushSubscription.objects.exists()


def test_the_notification_is_lost_with_its_event_and_with_nothing_else(admin):
    make_channel()
    with transaction.atomic():
        services.trigger(ANNA, Cause.API)
        assert len(waiting()) == 1
        transaction.set_rollback(True)
    assert waiting() == []
    assert state() == "disarmed"
    services.trigger(ANNA, Cause.API)
    assert len(waiting()) == 1


def test_a_failing_outbox_does_not_keep_the_alarm_from_being_set_off(admin, monkeypatch):
    make_channel()

    def fail(*_):
        Channel.objects.get(name=None, pk="nonsense")

    monkeypatch.setattr(outbox, "targets", fail)
    services.trigger(ANNA, Cause.API)
    assert state() == "triggered"


def test_who_armed_and_disarmed_is_told_and_timers_are_not(admin):
    make_channel()
    set_delays(exit_delay=0)
    arm()
    disarm()
    assert told() == [("arming", "Armed by Anna.\nDisarmed by Anna.")]


def test_duress_goes_silently_to_admins_and_not_to_the_person_under_duress(admin, resident):
    other = Person.objects.create_user("carl", "x", name="Carl", role=Role.ADMIN)
    make_channel(name="Neighbour", kinds=["duress"])
    make_channel(name="Anna's messenger", kinds=["duress"], person=admin)
    for person in (admin, resident, other):
        make_browser(person, kinds=["duress"])
    code = codes.create("1357", "Forced", person=admin, duress=True)
    armed()
    Delivery.objects.all().delete()
    actor = ANNA._replace(person_id=admin.pk)
    services.disarm(actor, Cause.API, Code.objects.get(pk=code.pk))
    assert [row.target_name for row in waiting(kind="duress")] == [
        "Neighbour",
        "Chrome on Android (Carl)",
    ]


def test_a_silent_panic_is_told_as_duress_and_sounds_nothing(admin):
    make_channel(kinds=["alarm", "duress"])
    button = make_sensor("Bedside", "panic", type="silent_panic")
    hear(button)
    assert [kind for kind, _ in told()] == ["duress"]
    assert state() == "disarmed"


def test_a_sensor_that_flaps_100_times_a_second_is_a_few_messages_that_count(admin, monkeypatch):
    make_channel(kinds=["trouble"])
    sensor = make_sensor()
    sent = 0
    second = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: second)
    for number in range(100):
        trouble(sensor, "Battery low." if number % 2 else "Battery fine.")
        for row in waiting(next_at__lte=timezone.now()):
            dispatch.finish(row, None)
            sent += 1
    assert sent == 2
    counted = sum(line["count"] for row in Delivery.objects.all() for line in row.lines)
    assert counted == 100
    [last] = waiting()
    assert last.body == "Battery fine. (49 times)\nBattery low. (49 times)"


def test_the_pause_doubles_while_it_goes_on_and_is_forgotten_after_it(admin):
    make_channel(kinds=["trouble"])
    sensor = make_sensor()
    pauses = []
    for _ in range(5):
        trouble(sensor, "Battery low.")
        pauses.append(waiting()[0].pause)
        send_all()
    assert pauses == [0, 15, 30, 60, 120]
    age(sent_at=dt.timedelta(seconds=241))
    trouble(sensor, "Battery low.")
    assert waiting()[0].pause == 0
    assert waiting()[0].next_at <= timezone.now()


@pytest.mark.parametrize("minutes", [30, 90])
def test_a_clock_that_is_set_back_delays_no_alarm(admin, monkeypatch, minutes):
    """As it is where the machine's clock was in local time until it asked for the time."""
    make_channel(kinds=["alarm"])
    services.trigger(ANNA, Cause.API)
    send_all()
    disarm()
    services.trigger(ANNA, Cause.API)
    failed = dispatch.claim(waiting()[0].pk)
    dispatch.finish(failed, Failed("It is away."))
    now = timezone.now() - dt.timedelta(minutes=minutes)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert [row.pk for row in dispatch.due()] == [failed.pk]
    Delivery.objects.filter(pk=failed.pk).delete()
    services.trigger(ANNA, Cause.API)
    assert waiting()[0].next_at <= now


def test_an_alarm_by_another_sensor_does_not_wait_for_the_first_ones_pause(admin):
    make_channel(kinds=["alarm"])
    first, second = make_sensor("First", "window"), make_sensor("Second", "window")
    armed()
    hear(first)
    hear(second)
    assert [row.title for row in waiting(next_at__lte=timezone.now())] == [
        "Alarm: First",
        "Alarm: Second",
    ]


def test_repeated_alarms_are_never_dropped_and_wait_half_a_minute_at_most(admin):
    make_channel(kinds=["alarm"])
    for _ in range(8):
        services.trigger(ANNA, Cause.API)
        [row] = waiting()
        longest = timezone.now() + dt.timedelta(seconds=outbox.LONGEST_URGENT_PAUSE)
        assert row.next_at <= longest
        send_all()
        disarm()
    assert sum(row.lines[0]["count"] for row in Delivery.objects.filter(kind="alarm")) == 8


def test_what_happens_while_a_message_is_being_sent_is_sent_afterwards(admin):
    make_channel(kinds=["trouble"])
    sensor = make_sensor()
    trouble(sensor, "Battery low.")
    seen = dispatch.claim(waiting()[0].pk)
    trouble(sensor, "Battery low.")
    trouble(sensor, "No contact.")
    dispatch.finish(seen, None)
    assert Delivery.objects.get(pk=seen.pk).body == "Battery low."
    assert told() == [("trouble", "Battery low.\nNo contact.")]


def test_the_number_of_rows_and_lines_is_bounded_and_an_alarm_has_its_own(admin, monkeypatch):
    monkeypatch.setattr(outbox, "MOST_WAITING", 3)
    make_channel()
    for number in range(10):
        message = Message(Kind.TROUBLE, f"trouble:{number}", "Trouble", f"Text {number}.")
        outbox.put(message, outbox.targets(message))
    rows = waiting()
    assert [row.key for row in rows] == ["trouble:0", "trouble:1", "trouble:2", "trouble:more"]
    for number in range(20):
        outbox.put(message._replace(text=f"More {number}."), outbox.targets(message))
    last = waiting()[-1]
    assert len(last.lines) == outbox.MOST_LINES
    assert sum(line["count"] for line in last.lines) == 27
    services.trigger(ANNA, Cause.API)
    assert waiting()[-1].title == "Alarm: Anna"


def test_an_acknowledged_alarm_is_not_told_again(admin):
    make_channel()
    row = Message(Kind.ALARM, outbox.ESCALATION, "Alarm not acknowledged", "Set off by x.")
    outbox.put(row, outbox.targets(row))
    events.record(EventKind.ACKNOWLEDGED, cause=Cause.API, actor=ANNA)
    assert waiting() == []


def test_an_alarm_does_not_wait_for_a_worker_that_hangs_while_it_stores_a_result(admin):
    make_channel(kinds=["alarm"])
    services.trigger(ANNA, Cause.API)
    locked, is_told = threading.Event(), threading.Event()

    def hang():
        with transaction.atomic():
            Delivery.objects.select_for_update().get()
            locked.set()
            assert is_told.wait(30)

    def set_off():
        assert locked.wait(30)
        disarm()
        services.trigger(ANNA, Cause.API)
        is_told.set()

    assert in_threads(hang, set_off) == [None, None]
    assert [row.lines[0]["count"] for row in waiting()] == [1, 1]


def test_what_has_set_the_alarm_off_is_said_in_words(admin):
    make_channel(kinds=["alarm"])
    door, window = make_sensor("Door", "door", type="entry_exit"), make_sensor("Window", "window")
    armed()
    hear(door)
    end_delay()
    hear(window, False, tamper=True)
    assert [(row.title, row.body) for row in waiting()] == [
        ("Alarm", "It was not disarmed in time after the entry by Door."),
        ("Alarm: Window", "Window: Tampered with."),
    ]


def test_silencing_a_smoke_alarm_is_no_alarm(admin):
    make_channel()
    hear(make_sensor("Kitchen", "smoke"))
    disarm()
    assert state() == "triggered"
    assert told() == [
        ("alarm", "Kitchen: Smoke."),
        ("arming", "Silenced by Anna; there is still danger."),
    ]
