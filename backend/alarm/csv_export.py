"""Events as CSV, streamed page by page, so that memory does not grow with their number."""

import csv
import io
import re
from collections.abc import AsyncIterator, Callable, Iterable

from django.db.models import QuerySet

from alarm.models import Event
from core.serializers import MomentField
from core.threads import in_thread

COLUMNS = (
    *("id", "at", "kind", "from_state", "to_state", "cause"),
    *("person", "sensor", "source", "detail"),
)
PAGE = 2000  # rows read at a time
# A spreadsheet runs a cell that begins with one of these as a formula; some also the wide ones,
# and after a tab or a line break. It may split rows at another character than the comma. Then a
# quote in the middle of a cell means nothing, and a cell begins after each separator.
SIGNS = "=+@\\uff1d\\uff0b\\uff20\\uff0d-"
FORMULA = re.compile(rf"""(^|[,;|\t\r\n\v\f])(?=["\s]*[{SIGNS}])|^(?=[\t\r\n])""")
moment = MomentField().to_representation


async def stream(events: QuerySet[Event], seen: Callable[[Event], Event]) -> AsyncIterator[bytes]:
    """Yield the table in pieces, newest event first, without events that are added meanwhile.

    `seen` returns an event as the reader may see it.
    """
    last: Event | None = None
    yield lines([COLUMNS])
    while page := await in_thread(read, events, last):
        last = page[-1]
        yield lines(cells(seen(event)) for event in page)


def read(events: QuerySet[Event], last: Event | None) -> list[Event]:
    """Return the page after the event `last`, found through the index and not by counting."""
    if last:
        events = events.filter(at__lte=last.at).exclude(at=last.at, id__gte=last.pk)
    return list(events.order_by("-at", "-id")[:PAGE])


def cells(event: Event) -> list[str]:
    """Return an event's cells; none is a formula, at whichever separator the row is split."""
    texts = [str(event.pk), moment(event.at), event.kind, event.from_state, event.to_state]
    texts += [event.cause, event.person_name, event.sensor_name, event.source, event.detail]
    return [FORMULA.sub(r"\1'", text) for text in texts]


def lines(rows: Iterable[Iterable[str]]) -> bytes:
    """Return rows as CSV (RFC 4180)."""
    output = io.StringIO()
    csv.writer(output, quoting=csv.QUOTE_ALL).writerows(rows)
    return output.getvalue().encode()
