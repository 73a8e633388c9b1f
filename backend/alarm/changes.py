"""Changes: made under one lock, numbered, stored, and announced on commit.

The lock is the alarm's row. To avoid deadlocks it is taken after the rows of other apps, and before
the rows of sensors, events and changes.
"""

import json
from typing import Any

from django.db import transaction

import broadcast
from alarm.models import SINGLETON_ID, Alarm, Change

GROUP = "alarm"
KEPT = 1000  # changes; a socket that missed more than that is sent everything
TRIMMED_EVERY = 100  # changes
HIDDEN: dict[str, Any] = {}  # in place of data: its receiver learns no more than its number
LARGEST_TEXT = 3500  # bytes; escaped once more it still fits into a NOTIFY


def locked_alarm() -> Alarm:
    """Return the alarm with its row locked until the transaction ends."""
    return Alarm.objects.select_for_update().get_or_create(pk=SINGLETON_ID)[0]


@transaction.atomic
def announce(topic: str, data: dict[str, Any]) -> int:
    """Number and announce one change of another app; return its sequence."""
    return add(locked_alarm(), topic, data)


def add(
    alarm: Alarm, topic: str, data: dict[str, Any], masked: dict[str, Any] | None = None
) -> int:
    """Number and announce one change under the lock that `alarm` holds; return its sequence.

    `masked` is sent to residents instead; it may be HIDDEN. The text that the sockets send is made
    here, once for all of them; if it is too large for the broadcast, each socket reads the change.
    """
    alarm.sequence += 1
    alarm.save(update_fields=["sequence"])
    change = Change.objects.create(sequence=alarm.sequence, topic=topic, data=data, masked=masked)
    if alarm.sequence % TRIMMED_EVERY == 0:
        Change.objects.filter(sequence__lte=alarm.sequence - KEPT).delete()
    message = {"type": "alarm.change", "sequence": change.sequence, "topic": topic}
    texts = {"text": text(change, is_admin=True), "masked": text(change, is_admin=False)}
    if masked is None:
        del texts["masked"]
    if sum(map(len, texts.values())) <= LARGEST_TEXT:
        message |= texts
    broadcast.announce(GROUP, message)
    return change.sequence


def text(change: Change, is_admin: bool) -> str:
    """Return a change as the sockets send it: JSON, in ASCII."""
    data = change.data if is_admin or change.masked is None else change.masked
    topic = "hidden" if data == HIDDEN else change.topic
    return json.dumps(
        {"type": "change", "sequence": change.sequence, "topic": topic, "data": data},
        separators=(",", ":"),
    )


def since(sequence: int) -> list[Change] | None:
    """Return the changes after `sequence`, oldest first; None if some of them are gone."""
    newest = Alarm.objects.filter(pk=SINGLETON_ID).values_list("sequence", flat=True).first() or 0
    if not 0 <= newest - sequence <= KEPT:
        return None
    found = list(Change.objects.filter(sequence__gt=sequence).order_by("sequence"))
    numbers = [change.sequence for change in found]
    is_whole = numbers == list(range(sequence + 1, sequence + 1 + len(numbers)))
    return found if is_whole and len(found) >= newest - sequence else None
