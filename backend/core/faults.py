"""What is wrong with a field: a code with parameters beside the sentence.

REST framework keeps a code with each message, and no parameters. So the code carries them: it is
text, and passes through every ValidationError that is made of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from core.sentences import FAULTS, Params, Sentence, Template

Field = serializers.Field[Any, Any, Any, Any]

OTHER = "invalid"
"""The code where the text says more than any code, and has to be shown."""

# REST framework's own, and Django's. Their texts here tell only which parameters there are.
FAULTS.add_all(
    {
        OTHER: "This is wrong.",
        "required": "This field is required.",
        "null": "This field may not be null.",
        "blank": "This field may not be blank.",
        "empty": "This list may not be empty.",
        "max_length": "This has more than {max} characters.",
        "min_length": "This has less than {min} characters.",
        "max_items": "This has more than {max} entries.",
        "max_value": "This is more than {max}.",
        "min_value": "This is less than {min}.",
        "not_a_number": "This is not a whole number.",
        "invalid_choice": "This is none of the choices.",
        "does_not_exist": "This does not exist.",
        "null_characters_not_allowed": "Null characters are not allowed.",
        "surrogate_characters_not_allowed": "Half characters are not allowed.",
        "password_too_short": "This password has less than {min} characters.",
        "password_too_similar": "This password is too similar to a name.",
        "password_too_common": "This password is too common.",
        "password_entirely_numeric": "This password has digits only.",
    }
)
WRONG_TYPES = FAULTS.add_all(
    {"boolean": "This has to be true or false.", "integer": "This has to be a whole number."}
    | {"text": "This has to be text."},
    begin="wrong_type_",
)
TOO_LONG = FAULTS["max_length"]
HALF_CHARACTER = FAULTS["surrogate_characters_not_allowed"]
PIN = FAULTS.add("pin_format", "A PIN has {min} to {max} digits.")
MOMENT = FAULTS.add("moment_format", "This is not a moment like {example}.")
YEAR = FAULTS.add("year_range", "This is not between the years {min} and {max}.")

# Of a field's limits, by the code of what exceeds them.
LIMITS = {
    "max_length": {"max": "max_length"},
    "min_length": {"min": "min_length"},
    "max_value": {"max": "max_value"},
    "min_value": {"min": "min_value"},
}


class Code(str):
    """The code of a fault, with its parameters."""

    __slots__ = ("params",)
    params: Params

    def __new__(cls, code: str, params: Params | None = None) -> Self:
        self = super().__new__(cls, code)
        self.params = params or {}  # a copy gets it afterwards
        return self


def invalid(sentence: Sentence, field: str = "") -> ValidationError:
    """Return the error that says this of a field, or of the field that is being validated."""
    fault = ErrorDetail(sentence, Code(sentence.code or OTHER, sentence.params))
    return ValidationError({field: [fault]} if field else [fault])


def all_invalid(sentences: Mapping[str, Sentence]) -> ValidationError:
    """Return the error that says this of several fields."""
    return ValidationError({name: invalid(one).detail for name, one in sentences.items()})


def message(template: Template, **params: Any) -> ErrorDetail:
    """Return a fault for a field's own `error_messages`; `coded` reads it back."""
    sentence = template(**params)
    return ErrorDetail(sentence, Code(sentence.code, sentence.params))


def coded(field: Field | None, detail: Any) -> Any:
    """Return a field's errors with the parameters of their codes, which the field knows."""
    if isinstance(detail, dict):
        inner = getattr(field, "child", None)
        fields = getattr(field, "fields", {})
        return {name: coded(fields.get(name, inner), one) for name, one in detail.items()}
    if isinstance(detail, list):
        return [coded(field, one) for one in detail]
    if isinstance(detail.code, Code):
        return detail
    own = getattr(field, "error_messages", {}).get(detail.code)
    if isinstance(own, ErrorDetail):
        return own
    code, params = str(detail.code), {}
    for name, limit in LIMITS.get(code, {}).items():
        params[name] = getattr(field, limit, None)
    if code == "max_length" and isinstance(field, serializers.ListField):
        code = "max_items"
    if code == "invalid" and isinstance(field, serializers.IntegerField):
        code = "not_a_number"
    return ErrorDetail(detail, Code(code, params))


def described(detail: ErrorDetail) -> dict[str, Any]:
    """Return `{"code", "params"}` of a fault; of a code that is not declared, that of OTHER."""
    params = getattr(detail.code, "params", {})
    template = FAULTS.get(str(detail.code))
    if template is None or not set(template.names) <= params.keys():
        return {"code": OTHER, "params": {}}
    return {"code": template.code, "params": {name: params[name] for name in template.names}}
