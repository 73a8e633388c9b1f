"""Removes old history, in steps so short that nothing waits for them."""

import datetime as dt

from django.db import connection
from django.utils import timezone

from alarm import sensor_reports
from alarm.models import SINGLETON_ID, AlarmSettings, Worker
from people.session_store import SessionStore

STEP = 2000  # events
EVERY = dt.timedelta(days=1)


def apply() -> int:
    """Remove all events that are too old and all that has expired; return the number of events."""
    removed = 0
    while count := remove_some_events():
        removed += count
    remove_expired()
    return removed


def step_if_due() -> bool:
    """Make one step, until one day's removal is complete; return whether more is due."""
    worker = Worker.objects.get_or_create(pk=SINGLETON_ID)[0]
    # abs: the clock may have been set back since.
    if worker.retention_at and abs(timezone.now() - worker.retention_at) < EVERY:
        return False
    if remove_some_events() == 0:
        remove_expired()
        Worker.objects.filter(pk=SINGLETON_ID).update(retention_at=timezone.now())
        return False
    return True


def remove_some_events() -> int:
    """Remove the oldest of the events that are too old; return their number.

    The app may not delete events. A function of the database does it, by the stored settings and
    from the beginning of the chain only.
    """
    AlarmSettings.load()
    with connection.cursor() as cursor:
        cursor.execute("SELECT alarm_event_remove_old(%s)", [STEP])
        return int(cursor.fetchone()[0])


def remove_expired() -> None:
    """Remove expired identifiers of reports, and expired sessions."""
    sensor_reports.remove_old()
    SessionStore.clear_expired()
