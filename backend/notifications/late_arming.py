"""Tells that the alarm is not armed at the set local time, once a day."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from alarm import changes, events
from alarm.models import SINGLETON_ID, Alarm, Cause, EventKind
from core.sentences import Sentence
from notifications import facts, outbox
from notifications.kinds import Kind
from notifications.messages import Message
from notifications.models import NotificationSettings

VALID_FOR = dt.timedelta(hours=1)
"""A panel that was off at the set time tells it later, but not in the next morning."""


def newest(row: NotificationSettings, here: dt.datetime) -> dt.datetime | None:
    """Return when the set time was last, before `here`, a local time; None without one."""
    if row.late_arming_at is None:
        return None
    day = here if here.time() >= row.late_arming_at else here - dt.timedelta(days=1)
    return dt.datetime.combine(day, row.late_arming_at, here.tzinfo)


def tell_if_due(now: dt.datetime | None = None) -> None:
    """Check whether the alarm is armed, if the set time has come and it was not checked then."""
    row = NotificationSettings.load()
    here = row.local(now or timezone.now())
    due = newest(row, here)
    if due is None or row.late_arming_checked == due.date():
        return
    with transaction.atomic():
        alarm = changes.locked_alarm()
        rows = NotificationSettings.objects.filter(
            pk=SINGLETON_ID, late_arming_checked=row.late_arming_checked
        )
        is_first = rows.update(late_arming_checked=due.date()) == 1
        if is_first and not is_armed(alarm) and here - due <= VALID_FOR:
            _tell(facts.NOT_ARMED(time=f"{due:%H:%M}"))


def is_armed(alarm: Alarm) -> bool:
    """Return whether it is armed, or will be after a delay or the siren."""
    return alarm.position.target is not None or alarm.state.startswith("armed_")


def _tell(text: Sentence) -> None:
    actor = events.TIMER
    event = events.record(EventKind.NOTIFICATION, cause=Cause.TIMER, actor=actor, detail=text)
    message = Message(Kind.LATE_ARMING, "late_arming", facts.NOT_ARMED_TITLE, text, event.pk)
    outbox.put(message, outbox.targets(message))
