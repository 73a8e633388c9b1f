"""The text of a notification as it is sent: what happened, and when, in local time."""

import datetime as dt

from notifications import facts
from notifications.models import Delivery, NotificationSettings
from notifications.words import said_in


def body(row: Delivery) -> str:
    """Return the lines of a notification and its time; the last time, too, where it is another."""
    local = NotificationSettings.load().local
    first, last = (_text(local(moment)) for moment in (row.created_at, row.last_at))
    both = facts.FROM_TO(first=first, last=last)
    times = first if first == last else said_in(row.language, both)
    return f"{row.body}\n{times}"


def _text(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S %Z}"
