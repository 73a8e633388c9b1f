"""Removes old history, in steps so short that nothing waits for them."""

import datetime as dt

from django.db import connection, transaction
from django.utils import timezone

from alarm import sensor_reports
from alarm.models import SINGLETON_ID, AlarmSettings, Event, Worker
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


def step_if_due() -> None:
    """Make one step, until one day's removal is complete."""
    worker = Worker.objects.get(pk=SINGLETON_ID)
    # abs: the clock may have been set back since.
    if worker.retention_at and abs(timezone.now() - worker.retention_at) < EVERY:
        return
    if remove_some_events() == 0:
        remove_expired()
        Worker.objects.filter(pk=SINGLETON_ID).update(retention_at=timezone.now())


@transaction.atomic
def remove_some_events() -> int:
    """Remove the oldest of the events that are too old; return their number.

    The table is append-only, except in a transaction that names the moment before which rows may
    be removed.
    """
    days = AlarmSettings.load().retention_days
    before = timezone.now() - dt.timedelta(days=days)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('alarm.remove_before', %s, true)", [before.isoformat()])
    oldest = Event.objects.filter(at__lt=before).order_by("at", "id").values("pk")[:STEP]
    return Event.objects.filter(pk__in=oldest).delete()[0]


def remove_expired() -> None:
    """Remove expired identifiers of reports, and expired sessions."""
    sensor_reports.remove_old()
    SessionStore.clear_expired()
