"""Changes the alarm: one transaction per change, one change at a time, announced on commit."""

import datetime as dt

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from alarm.models import ONLY, Alarm, Cause, Event
from alarm.transitions import TIMED, Action, step
from broadcast import announce

GROUP = "alarm"
TIMERS_LOCK = 5427  # key of the advisory lock that the workers compete for


def current() -> dict:
    """Return the alarm as everyone sees it (`snapshot`), in one query."""
    return snapshot(Alarm.objects.get_or_create(pk=ONLY)[0])


@transaction.atomic
def apply(action: Action, cause: Cause) -> dict:
    """Carry out `action` and return the new snapshot, or raise IllegalTransition."""
    return _advance(_locked_alarm(), action, cause)


@transaction.atomic
def fire_due() -> dict | None:
    """Carry out what the end of a delay leads to.

    Return None if no delay has ended, or if another worker is at it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [TIMERS_LOCK])
        (is_ours,) = cursor.fetchone()
    if not is_ours:
        return None
    alarm = _locked_alarm()
    if alarm.deadline is None or alarm.deadline > timezone.now():
        return None
    action, _setting = TIMED[alarm.position.state]
    return _advance(alarm, action, Cause.TIMER)


def next_deadline() -> dt.datetime | None:
    """Return when the running delay ends, or None."""
    return Alarm.objects.filter(pk=ONLY).values_list("deadline", flat=True).first()


def snapshot(alarm: Alarm) -> dict:
    """Return the alarm as the API and the sockets give it, in JSON types; times are ISO 8601."""
    return {
        "state": str(alarm.state),
        "changed_at": iso(alarm.changed_at),
        "deadline": iso(alarm.deadline),
        "target": alarm.target and str(alarm.target),
        "sequence": alarm.sequence,
    }


def iso(moment: dt.datetime | None) -> str | None:
    """Return a moment as `2026-01-31T12:00:00.000000Z`."""
    if moment is None:
        return None
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _locked_alarm() -> Alarm:
    """Return the alarm with its row locked until the transaction ends."""
    return Alarm.objects.select_for_update().get_or_create(pk=ONLY)[0]


def _advance(alarm: Alarm, action: Action, cause: Cause) -> dict:
    """Make one transition of a locked alarm; a delay of 0 s ends in the same transaction."""
    before, after = alarm.position, step(alarm.position, action)
    alarm.state, alarm.target = after
    alarm.changed_at = timezone.now()
    alarm.sequence += 1
    delay = None
    if after.state in TIMED:
        follow_up, setting = TIMED[after.state]
        delay = getattr(settings, setting)
    alarm.deadline = alarm.changed_at + dt.timedelta(seconds=delay) if delay else None
    alarm.save()
    Event.objects.create(
        at=alarm.changed_at, from_state=before.state, to_state=after.state, cause=cause
    )
    if delay == 0:
        return _advance(alarm, follow_up, Cause.TIMER)
    announce(GROUP, {"type": "alarm.state", "state": snapshot(alarm)})
    return snapshot(alarm)
