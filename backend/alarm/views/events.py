"""The history, in pages and as a table."""

from collections.abc import AsyncIterator

from django.db.models import Q, QuerySet
from django.http import StreamingHttpResponse
from django.utils.dateparse import parse_datetime
from rest_framework.decorators import api_view
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from alarm import table
from alarm.models import Event, EventKind
from alarm.serializers import EventQuery
from alarm.shapes import event_shape

MOST_EXPORTED = 1_000_000  # 100 MB


class EventPages(CursorPagination):
    """Newest first; a page stays the same while events are added before it."""

    ordering = ("-at", "-id")
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        """Return the size that is asked for; what cannot be had is refused, not cut."""
        asked = request.query_params.get(self.page_size_query_param, str(self.page_size))
        is_number = asked.isascii() and asked.isdigit() and len(asked) < 10
        if not is_number or not 1 <= int(asked) <= self.max_page_size:
            fault = f"A page has 1 to {self.max_page_size} events."
            raise ValidationError({self.page_size_query_param: [fault]})
        return int(asked)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where the page begins; one that we never gave is not found."""
        cursor = super().decode_cursor(request)
        if cursor and cursor.position is not None:
            try:
                moment = parse_datetime(cursor.position)
            except ValueError:
                moment = None
            if moment is None or moment.tzinfo is None:
                raise NotFound(self.invalid_cursor_message)
        return cursor


@api_view(["GET"])
def events(request: Request) -> Response:
    """Answer one page of events."""
    pages = EventPages()
    page = pages.paginate_queryset(asked_for(request), request)
    is_admin = request.user.is_admin
    return pages.get_paginated_response([event_shape(event, is_admin) for event in page])


@api_view(["GET"])
def export(request: Request) -> StreamingHttpResponse:
    """Answer all of these events as a table to keep, made while it is sent.

    What the client has not read yet waits in memory, here or in the front: so there is an end.
    """
    asked = asked_for(request)
    if asked.order_by("-at", "-id")[MOST_EXPORTED : MOST_EXPORTED + 1].exists():
        fault = f"A table has at most {MOST_EXPORTED} events: ask for a shorter time."
        raise ValidationError({"since": [fault]})
    rows: AsyncIterator[bytes] = table.stream(asked, request.user.is_admin)
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="events.csv"'
    return response


def asked_for(request: Request) -> QuerySet[Event]:
    """Return the events that a request's filters leave; raises ValidationError."""
    # As a form, the serializer would take an empty filter for none.
    given = request.query_params
    query = EventQuery(data={**given.dict(), "kind": given.getlist("kind")})
    query.is_valid(raise_exception=True)
    asked = query.validated_data
    where = Q()
    if kinds := set(asked.get("kind", ())):
        where &= Q(kind__in=visible_kinds(kinds, request.user.is_admin))
    for name, lookup in FILTERS.items():
        if name in asked:
            where &= Q(**{lookup: asked[name]})
    return Event.objects.filter(where)


FILTERS = {"sensor": "sensor_id", "person": "person_id", "since": "at__gte", "until": "at__lte"}


def visible_kinds(kinds: set[str], is_admin: bool) -> set[str]:
    """Return the stored kinds behind those asked for: to residents duress looks like any code."""
    if is_admin:
        return kinds
    kinds = kinds - {EventKind.DURESS}
    return kinds | {EventKind.DURESS} if EventKind.CODE in kinds else kinds
