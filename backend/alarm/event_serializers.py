"""The JSON of the history: its filters, its pages and its events."""

import json
from typing import Any

from rest_framework import serializers

from alarm.models import Cause, EventKind
from alarm.serializers import LARGEST_ID, NamedSerializer, choices
from core import faults
from core.sentences import FAULTS
from core.serializers import MomentField

LARGEST_PAGE = 200  # events
PAGE_SIZE = FAULTS.add("page_size", "A page has 1 to {max} events.")


class EventQuerySerializer(serializers.Serializer[Any]):
    """The filters of `GET /api/events/` and of its export."""

    kind = serializers.ListField(
        child=serializers.ChoiceField(choices=choices(EventKind)),
        required=False,
        max_length=len(EventKind),
    )
    sensor = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    person = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    since = MomentField(required=False)
    until = MomentField(required=False)


class EventPageQuerySerializer(EventQuerySerializer):
    """The filters and the page of `GET /api/events/`."""

    cursor = serializers.CharField(
        required=False, allow_blank=True, help_text="Taken from `next` or `previous`."
    )
    page_size = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST_PAGE,
        default=50,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), faults.message(PAGE_SIZE, max=LARGEST_PAGE)
        ),
    )


class FactsField(serializers.Field[Any, Any, Any, Any]):
    """The facts of an event, as they are stored."""

    def to_representation(self, value: str) -> Any:
        return json.loads(value) if value else None


class EventSerializer(serializers.Serializer[Any]):
    """An event."""

    id = serializers.IntegerField()
    at = MomentField()
    kind = serializers.ChoiceField(choices=choices(EventKind))
    from_state = serializers.CharField(allow_blank=True)
    to_state = serializers.CharField(allow_blank=True)
    cause = serializers.ChoiceField(choices=choices(Cause))
    person = NamedSerializer(allow_null=True)
    sensor = NamedSerializer(allow_null=True)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # a field's name
    detail = serializers.CharField(allow_blank=True)
    facts = FactsField(help_text="What `detail` was composed of; null where it was not.")


class EventPageSerializer(serializers.Serializer[Any]):
    """A page of events, newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = EventSerializer(many=True)
