"""The outbox's state machine: what is due, and what the result of an attempt changes."""

import datetime as dt

import pytest
from django.utils import timezone

from alarm import services
from alarm.models import Cause, Event
from notifications import attempts, dispatch, outbox
from notifications.kinds import Kind
from notifications.messages import Message
from notifications.models import Delivery
from tests.actions import ANNA, make_sensor
from tests.notifying import make_channel, waiting

pytestmark = pytest.mark.django_db(transaction=True)
ALARM = "Set off by Anna."


def test_no_two_workers_send_the_same(admin):
    make_channel()
    services.trigger(ANNA, Cause.API)
    [row] = dispatch.due()
    assert dispatch.claim(row.pk)
    assert dispatch.claim(row.pk) is None
    assert dispatch.due() == []


def test_what_waits_is_sent_after_the_clock_was_set_back(admin):
    make_channel()
    services.trigger(ANNA, Cause.API)
    Delivery.objects.update(next_at=timezone.now() + dt.timedelta(days=300))
    [row] = dispatch.due()
    assert dispatch.claim(row.pk)


def test_a_dead_letter_is_told_to_the_others_and_recorded(admin):
    make_channel(name="Mail")
    services.trigger(ANNA, Cause.API)
    make_channel(name="Other", kinds=["trouble"])
    [row] = waiting()
    row.attempts = 100
    row.created_at -= dispatch.DEAD_AFTER + dt.timedelta(seconds=1)
    row.save()
    dispatch.finish(row, attempts.Failed("JSON cannot be reached."))
    assert Delivery.objects.get(pk=row.pk).state == "dead"
    assert [(one.target_name, one.body) for one in waiting()] == [
        ("Other", "Not sent to Mail: JSON cannot be reached.")
    ]
    assert Event.objects.get(kind="notification").detail.startswith("Not sent to Mail")


def test_a_clock_that_is_set_forward_makes_nothing_dead(admin):
    make_channel()
    services.trigger(ANNA, Cause.API)
    [row] = waiting()
    row.attempts, row.created_at = 1, row.created_at - dt.timedelta(days=300)
    dispatch.finish(row, attempts.Failed("It fails."))
    assert Delivery.objects.get().state == "waiting"


def test_a_dead_message_about_duress_is_in_no_event(admin):
    make_channel(kinds=["duress"])
    make_channel(name="Other")
    message = Message(Kind.DURESS, "duress", "Duress code", "Used.")
    outbox.put(message, [target for target in outbox.targets(message) if target.name == "Mail"])
    dispatch.finish(waiting()[0], attempts.Refused("It never works."))
    assert not Event.objects.filter(kind="notification").exists()
    assert waiting() == []


def test_one_success_sends_what_failed_before(admin):
    make_channel(kinds=["alarm", "arming"])
    services.trigger(ANNA, Cause.API)
    services.disarm(ANNA, Cause.API)
    first, second = waiting()
    dispatch.finish(dispatch.claim(second.pk), attempts.Failed("It fails."))
    assert waiting(next_at__gt=timezone.now())
    dispatch.finish(dispatch.claim(first.pk), None)
    assert not waiting(next_at__gt=timezone.now())


def test_a_failing_target_is_not_tried_for_each_of_its_messages_but_for_alarms(admin):
    make_channel()
    make_sensor()
    services.trigger(ANNA, Cause.API)
    services.disarm(ANNA, Cause.API)
    alarm, arming = waiting()
    dispatch.finish(dispatch.claim(arming.pk), attempts.Failed("It fails."))
    assert [row.pk for row in dispatch.due()] == [alarm.pk]


def test_old_rows_are_removed_and_dead_ones_are_bounded(admin, monkeypatch):
    monkeypatch.setattr(dispatch, "MOST_DEAD", 2)
    make_channel()
    services.trigger(ANNA, Cause.API)
    [row] = waiting()
    kept = []
    for state, sent_days, last_days in [
        ("sent", 0, 0),
        ("sent", 2, 2),
        ("dead", 0, 31),
        ("dead", 0, 3),
        ("dead", 0, 2),
        ("dead", 0, 1),
    ]:
        row.pk, row.state = None, state
        row.sent_at = timezone.now() - dt.timedelta(days=sent_days)
        row.last_at = timezone.now() - dt.timedelta(days=last_days)
        row.save(force_insert=True)
        kept.append(row.pk)
    dispatch.remove_old()
    left = set(Delivery.objects.exclude(state="waiting").values_list("pk", flat=True))
    assert left == {kept[0], kept[4], kept[5]}
