"""Events as a CSV table, sent while it is read: however many there are, in the memory of a page."""

import csv
import io
from collections.abc import AsyncIterator

from django.db.models import QuerySet

from alarm.models import Event
from alarm.shapes import event_shape
from config.threads import in_thread

COLUMNS = (
    *("id", "at", "kind", "from_state", "to_state", "cause"),
    *("person", "sensor", "source", "detail"),
)
PAGE = 2000  # rows read at a time
# A spreadsheet takes a cell that begins with one of these for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def stream(events: QuerySet[Event], is_admin: bool) -> AsyncIterator[bytes]:
    """Give the table in pieces, newest event first; what is added meanwhile is not in it."""
    last: Event | None = None
    yield lines([COLUMNS])
    while page := await in_thread(read, events, last):
        last = page[-1]
        yield lines(cells(event, is_admin) for event in page)


def read(events: QuerySet[Event], last: Event | None) -> list[Event]:
    """Return the page after the event `last`, found through the index and not by counting."""
    if last:
        events = events.filter(at__lte=last.at).exclude(at=last.at, id__gte=last.pk)
    return list(events.order_by("-at", "-id")[:PAGE])


def cells(event: Event, is_admin: bool) -> list[str]:
    """Return an event's cells, as this reader may see them; none is a formula."""
    shape = event_shape(event, is_admin)
    values = [
        shape[name]["name"] if isinstance(shape[name], dict) else shape[name] for name in COLUMNS
    ]
    texts = ["" if value is None else str(value) for value in values]
    return [f"'{text}" if text.startswith(FORMULA) else text for text in texts]


def lines(rows) -> bytes:
    """Return rows as CSV, as RFC 4180 has it."""
    output = io.StringIO()
    csv.writer(output).writerows(rows)
    return output.getvalue().encode()
