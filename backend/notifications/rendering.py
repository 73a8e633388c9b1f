"""The text of a notification as it is sent: what happened, and when, in local time."""

import datetime as dt
from zoneinfo import ZoneInfo

from notifications.models import Delivery, NotificationSettings


def body(row: Delivery) -> str:
    """Return the lines of a notification and its time; the last time, too, where it is another."""
    zone = ZoneInfo(NotificationSettings.load().time_zone)
    first, last = (_text(moment.astimezone(zone)) for moment in (row.created_at, row.last_at))
    times = first if first == last else f"{first} to {last}"
    return f"{row.body}\n{times}"


def _text(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S %Z}"
