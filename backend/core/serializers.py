"""Serializers with strict JSON types: "1" is not a number, 1 is not a boolean."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
YEARS = range(2000, 2101)

Field = serializers.Field[Any, Any, Any, Any]

# The JSON type that each kind of field takes; REST framework would convert from others.
TYPES: dict[type[Field], tuple[type, str]] = {
    serializers.BooleanField: (bool, "true or false"),
    serializers.IntegerField: (int, "a whole number"),
    serializers.PrimaryKeyRelatedField: (int, "a whole number"),
    serializers.CharField: (str, "text"),
    serializers.ChoiceField: (str, "text"),
    serializers.DateTimeField: (str, "text"),
}


def wrong_type(field: Field, value: object) -> str | None:
    """Return what is wrong with the JSON type of `value` as a sentence, or None."""
    if value is None:
        return None  # the field knows whether it may be
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        return next(filter(None, (wrong_type(field.child, item) for item in value)), None)
    for kind, (wanted, words) in TYPES.items():
        if isinstance(field, kind):
            is_boolean = isinstance(value, bool)
            if not isinstance(value, wanted) or (is_boolean and wanted is not bool):
                return f"This has to be {words}."
    return None


def too_long(field: Field, value: object) -> str | None:
    """Return what is wrong with the length of a text as it was sent, or None.

    The field itself counts after it has removed the outer spaces.
    """
    longest = getattr(field, "max_length", None)
    if isinstance(field, serializers.CharField) and longest and len(str(value)) > longest:
        return f"This has more than {longest} characters."
    return None


class Serializer(serializers.Serializer[Any]):
    """Refuses a value of another JSON type than its field's, and a text that is too long."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            given = ((name, field) for name, field in self.fields.items() if name in data)
            faults = {
                name: fault
                for name, field in given
                if not field.read_only
                and (fault := wrong_type(field, data[name]) or too_long(field, data[name]))
            }
            if faults:
                raise serializers.ValidationError(faults)
        return super().to_internal_value(data)


class ModelSerializer(Serializer, serializers.ModelSerializer[Any]):
    """The same, for a model."""


class MomentField(serializers.DateTimeField):
    """A moment with its offset (RFC 3339); sent in UTC."""

    default_error_messages = {
        "moment": "This is not a moment like 2026-01-31T12:00:00Z.",
        "year": f"This is not between the years {YEARS[0]} and {YEARS[-1]}.",
    }

    def to_internal_value(self, value: Any) -> dt.datetime:
        if not isinstance(value, str) or not RFC_3339.fullmatch(value):
            self.fail("moment")
        moment = super().to_internal_value(value.upper())
        if moment.year not in YEARS:
            self.fail("year")
        return moment

    def to_representation(self, value: Any) -> Any:
        if value is None:
            return None
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
