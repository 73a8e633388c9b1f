"""Serializers with strict JSON types: "1" is not a number, 1 is not a boolean."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from core import faults
from core.faults import Field
from core.sentences import Sentence, Template

RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
YEARS = range(2000, 2101)

# The JSON type that each kind of field takes; REST framework would convert from others.
BOOLEAN, INTEGER, TEXT = (faults.WRONG_TYPES[name] for name in ("boolean", "integer", "text"))
TYPES: dict[type[Field], tuple[type, Template]] = {
    serializers.BooleanField: (bool, BOOLEAN),
    serializers.IntegerField: (int, INTEGER),
    serializers.PrimaryKeyRelatedField: (int, INTEGER),
    serializers.CharField: (str, TEXT),
    serializers.ChoiceField: (str, TEXT),
    serializers.DateTimeField: (str, TEXT),
}


def wrong_type(field: Field, value: object) -> Sentence | None:
    """Return what is wrong with the JSON type of `value` as a sentence, or None."""
    if value is None:
        return None  # the field knows whether it may be
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        return next(filter(None, (wrong_type(field.child, item) for item in value)), None)
    for kind, (wanted, template) in TYPES.items():
        if isinstance(field, kind):
            is_boolean = isinstance(value, bool)
            if not isinstance(value, wanted) or (is_boolean and wanted is not bool):
                return template()
    if isinstance(field, serializers.ChoiceField) and has_half_character(str(value)):
        return faults.HALF_CHARACTER()  # the field's message repeats the value: it cannot be sent
    return None


def has_half_character(text: str) -> bool:
    """Whether a text has one half of a surrogate pair, which UTF-8 does not know."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def too_long(field: Field, value: object) -> Sentence | None:
    """Return what is wrong with the length of a text as it was sent, or None.

    The field itself counts after it has removed the outer spaces.
    """
    longest = getattr(field, "max_length", None)
    if isinstance(field, serializers.CharField) and longest and len(str(value)) > longest:
        return faults.TOO_LONG(max=longest)
    return None


class Serializer(serializers.Serializer[Any]):
    """Refuses a value of another JSON type than its field's, and a text that is too long."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            given = ((name, field) for name, field in self.fields.items() if name in data)
            found = {
                name: faults.invalid(fault).detail
                for name, field in given
                if not field.read_only
                and (fault := wrong_type(field, data[name]) or too_long(field, data[name]))
            }
            if found:
                raise serializers.ValidationError(found)
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError(faults.coded(self, error.detail)) from error


class ModelSerializer(Serializer, serializers.ModelSerializer[Any]):
    """The same, for a model."""


class MomentField(serializers.DateTimeField):
    """A moment with its offset (RFC 3339); sent in UTC."""

    default_error_messages = {
        "moment": faults.message(faults.MOMENT, example="2026-01-31T12:00:00Z"),
        "year": faults.message(faults.YEAR, min=YEARS[0], max=YEARS[-1]),
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
