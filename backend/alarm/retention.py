"""Removes what is older than the retention time, in steps too short to hold anything up."""

import datetime as dt

from django.db import connection, transaction
from django.utils import timezone

from alarm import reports
from alarm.models import ONLY, AlarmSettings, Event, Worker
from people import sessions

STEP = 2000  # events
EVERY = dt.timedelta(days=1)


def apply() -> int:
    """Remove all events that are too old, and what else has run out; return how many they were."""
    removed = 0
    while count := remove_some_events():
        removed += count
    forget_the_rest()
    return removed


def step_if_due() -> None:
    """Once a day, by one step at a time: remove what is too old."""
    worker = Worker.objects.get(pk=ONLY)
    # abs: the clock may have been set back since.
    if worker.retention_at and abs(timezone.now() - worker.retention_at) < EVERY:
        return
    if remove_some_events() == 0:
        forget_the_rest()
        Worker.objects.filter(pk=ONLY).update(retention_at=timezone.now())


@transaction.atomic
def remove_some_events() -> int:
    """Remove the oldest of the events that are too old; return how many.

    The table is append-only but for a transaction that names the moment before which rows may go.
    """
    days = AlarmSettings.load().retention_days
    before = timezone.now() - dt.timedelta(days=days)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('alarm.remove_before', %s, true)", [before.isoformat()])
    oldest = Event.objects.filter(at__lt=before).order_by("at", "id").values("pk")[:STEP]
    return Event.objects.filter(pk__in=oldest).delete()[0]


def forget_the_rest() -> None:
    """Remove what has run out elsewhere: identifiers of reports, and sessions."""
    reports.forget_old()
    sessions.clear_expired()
