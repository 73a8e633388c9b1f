"""The history over HTTP, in pages and as CSV."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import StreamingHttpResponse
from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from alarm import csv_export
from alarm.event_serializers import (
    EventPageQuerySerializer,
    EventPageSerializer,
    EventQuerySerializer,
)
from alarm.events import HIDDEN_KINDS, for_residents
from alarm.models import Event, EventKind
from core import faults
from core.sentences import FAULTS
from core.views import View, checked, operation
from people.permissions import person_of

TABLE_TOO_LONG = FAULTS.add(
    "table_too_long", "A table has at most {max} events: ask for a shorter time."
)
MOST_EXPORTED = 1_000_000  # events; 100 MB
FILTERS = {"sensor": "sensor_id", "person": "person_id", "since": "at__gte", "until": "at__lte"}


class EventPages(CursorPagination):
    """Newest first; a page stays the same while events are added before it."""

    ordering = ("-at", "-id")

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where the page begins; an invalid cursor is not found."""
        cursor = super().decode_cursor(request)
        if cursor and cursor.position is not None:
            try:
                moment = parse_datetime(str(cursor.position))
            except ValueError:
                moment = None
            if moment is None or moment.tzinfo is None:
                raise NotFound(self.invalid_cursor_message)
        return cursor


class EventsView(View):
    @operation(
        *("The history, newest first, in pages", EventPageSerializer),
        query=EventPageQuerySerializer,
        codes={404: ("not_found",)},
    )
    def get(self, request: Request) -> dict[str, Any]:
        query = checked_query(EventPageQuerySerializer, request)
        pages = EventPages()
        pages.page_size = query["page_size"]
        page = pages.paginate_queryset(matching(query, person_of(request).is_admin), request) or []
        return {
            "next": pages.get_next_link(),
            "previous": pages.get_previous_link(),
            "results": map(visibility(request), page),
        }


class ExportView(View):
    @operation(
        "The history as a table",
        query=EventQuerySerializer,
        codes={429: ("throttled",)},
        media_type="text/csv",
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Answer all of these events as CSV, made while it is sent.

        What the client has not read yet waits in memory, so their number is limited.
        """
        query = checked_query(EventQuerySerializer, request)
        events = matching(query, person_of(request).is_admin)
        if events.order_by("-at", "-id")[MOST_EXPORTED : MOST_EXPORTED + 1].exists():
            raise faults.invalid(TABLE_TOO_LONG(max=MOST_EXPORTED), "since")
        rows = csv_export.stream(events, visibility(request))
        response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="events.csv"'
        return response


def checked_query(serializer: type[EventQuerySerializer], request: Request) -> dict[str, Any]:
    """Return the validated query parameters; raises ValidationError."""
    # As a form, the serializer would ignore an empty filter.
    given = request.query_params
    return checked(serializer, {**given.dict(), "kind": given.getlist("kind")})


def matching(query: dict[str, Any], is_admin: bool) -> QuerySet[Event]:
    """Return the events that match a query, for an admin or a resident."""
    where = Q()
    if kinds := set(query.get("kind", ())):
        where &= Q(kind__in=stored_kinds(kinds, is_admin))
    for name, lookup in FILTERS.items():
        if name in query:
            where &= Q(**{lookup: query[name]})
    if not is_admin:
        where &= ~Q(kind__in=HIDDEN_KINDS)
    return Event.objects.filter(where)


def stored_kinds(kinds: set[str], is_admin: bool) -> set[str]:
    """Return the stored kinds behind those asked for: to residents duress looks like any code."""
    if is_admin:
        return kinds
    kinds = kinds - {EventKind.DURESS}
    return kinds | {EventKind.DURESS} if EventKind.CODE in kinds else kinds


def visibility(request: Request) -> Callable[[Event], Event]:
    """Return the function that gives an event as the request's person may see it."""
    return (lambda event: event) if person_of(request).is_admin else for_residents
