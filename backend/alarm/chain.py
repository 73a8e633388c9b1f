"""Checks the chain of events: each has a number, and a hash of itself and of the one before.

Migrations 0004 and 0007 have the other half: the database seals an event when it is written.
"""

import datetime as dt
import hashlib
import json
from typing import NamedTuple

from django.db import connection, transaction

from alarm.models import Event, EventChain
from core.serializers import MomentField

COVERED = (
    *("kind", "from_state", "to_state", "cause", "person_id", "person_name"),
    *("sensor_id", "sensor_name", "source", "detail"),
)
PAGE = 2000  # events read at a time
moment = MomentField().to_representation


class Broken(Exception):
    """The history is not as it was written; the text is about the first event that shows it."""


class Verdict(NamedTuple):
    """The events of a whole chain: the numbers of the first and the last, and its hash."""

    first: int
    last: int
    hash: str


def check() -> Verdict:
    """Read every event in one view of the database; raises Broken."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        none = EventChain.BEGINNING
        ends = EventChain.objects.first() or EventChain(
            anchor_sequence=0, anchor_hash=none, sequence=0, hash=none
        )
        sequence, before = ends.anchor_sequence, ends.anchor_hash
        for event in Event.objects.order_by("sequence").iterator(PAGE):
            sequence += 1
            if event.sequence != sequence:
                raise Broken(f"Event {sequence} of the log is missing.")
            if event.hash != hash_of(before, event):
                raise Broken(f"Event {sequence} of the log, of {moment(event.at)}, was changed.")
            before = event.hash
        if (sequence, before) != (ends.sequence, ends.hash):
            raise Broken(f"The log ends with event {sequence}, but {ends.sequence} was written.")
    return Verdict(ends.anchor_sequence + 1, sequence, before)


def hash_of(before: str, event: Event) -> str:
    """Return the hash that an event has to have after the hash `before`."""
    at = f"{event.at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
    covered = [before, event.sequence, event.pk, at, *(getattr(event, name) for name in COVERED)]
    # Without facts the hash is that of older versions: their events have it.
    covered += [event.facts] if event.facts else []
    text = json.dumps(covered, ensure_ascii=False, separators=(", ", ": "))
    return hashlib.sha256(text.encode()).hexdigest()
