"""The OpenAPI 3.1 document, made from the operations of the views and their serializers."""

import json
from functools import cache
from typing import Any, cast

from django.conf import settings
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse

from alarm.sensor_types import Reason
from core.sentences import FACTS, FAULTS, Catalog
from core.views import View, operation

UNSAFE = ("POST", "PATCH", "DELETE")

SECURITY = {
    "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
    "csrf": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRFToken",
        "description": "The `csrf_token` of `GET /api/session/`, for all but GET.",
    },
    "sensor": {"type": "http", "scheme": "bearer", "description": "A sensor's own token."},
}
DESCRIPTIONS = {
    400: "The request is wrong.",
    401: "The token is wrong.",
    403: "Not allowed.",
    404: "It does not exist.",
    409: "Not possible now.",
    413: "The body is larger than 64 KiB.",
    415: "The body is not JSON.",
    429: "Too many attempts; the header Retry-After says how long to wait, in seconds.",
    503: "Not available for a moment.",
}
PREVENTING = {
    "id": {"type": "integer"},
    "name": {"type": "string"},
    "reasons": {"type": "array", "items": {"type": "string", "enum": [*map(str, Reason)]}},
}


def coded(catalog: Catalog) -> dict[str, Any]:
    """Return the schema of a sentence by code; `x-parameters` says which each code has."""
    names = {code: catalog[code].names for code in sorted(catalog)}
    code = {"type": "string", "enum": [*names], "x-parameters": names}
    return {
        "type": "object",
        "properties": {"code": code, "params": {"type": "object", "additionalProperties": {}}},
        "required": ["code", "params"],
        "additionalProperties": False,
    }


# Properties of an error beside `code` and `detail`, by the code that has them.
MORE: dict[str, dict[str, Any]] = {
    "invalid": {
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "field_codes": {
            "type": "object",
            "additionalProperties": {"$ref": "#/components/schemas/FieldCode"},
        },
    },
    "not_ready": {
        "sensors": {
            "type": "array",
            "items": {"type": "object", "properties": PREVENTING, "required": [*PREVENTING]},
        }
    },
}
TEXT = {"type": "string"}
# The answers of config/health.py, which has no views of the REST framework.
LIVE: dict[str, Any] = {"status": TEXT, "version": TEXT, "revision": TEXT}
CHECK = {
    "type": "object",
    "properties": {"ok": {"type": "boolean"}, "ms": {"type": "integer"}, "detail": TEXT},
    "required": ["ok", "ms"],
}
HEALTH: dict[str, tuple[str, str, dict[str, str], dict[str, Any]]] = {
    "live": ("Liveness", "Whether the process answers at all", {"200": "Yes."}, LIVE),
    "ready": (
        "Readiness",
        "Whether it can do its work, and the reason if not",
        {"200": "Yes.", "503": "No."},
        {**LIVE, "checks": {"type": "object", "additionalProperties": CHECK}},
    ),
}


class FactsSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # registers it
    """The schema of an event's facts."""

    target_class = "alarm.event_serializers.FactsField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {"anyOf": [{"$ref": "#/components/schemas/EventFacts"}, {"type": "null"}]}


class Schema(AutoSchema):
    """The part of the document for one method of a view."""

    def declared(self) -> operation:
        return cast(operation, cast(View, self.view).operation_of(self.method))

    def permission(self) -> Any:
        return self.declared().permission or self.view.permission_classes[0]

    def get_summary(self) -> str:
        return self.declared().summary

    def get_operation_id(self) -> str:
        """Return a name; ending all of a list is another operation than ending one of it."""
        name: str = super().get_operation_id()
        is_of_list = self.method == "DELETE" and self.path.endswith("s/")
        return f"{name}_all" if is_of_list else name

    def get_tags(self) -> list[str]:
        return [type(self.view).__module__.partition(".")[0]]

    def get_request_serializer(self) -> Any:
        return self.declared().body

    def get_override_parameters(self) -> list[Any]:
        query = self.declared().query
        return [query] if query else []

    def get_auth(self) -> list[dict[str, list[str]]]:
        scheme = getattr(self.permission(), "scheme", "")
        names = [scheme, "csrf"] if scheme == "session" and self.method in UNSAFE else [scheme]
        return [{name: [] for name in names}] if scheme else []

    def get_response_serializers(self) -> Any:
        declared = self.declared()
        answer: Any = OpenApiResponse(description="Done.")
        if declared.answer:
            answer = declared.answer(many=declared.many)
        elif declared.media_type != "application/json":
            return {(200, declared.media_type): OpenApiTypes.STR} | self.errors()
        return {declared.status: answer} | self.errors()

    def errors(self) -> dict[int, OpenApiResponse]:
        declared = self.declared()
        codes = {400: {"bad_request"}, 503: {"database_unavailable", "backend_unavailable"}}
        names = ("codes", "codes_of_changes") if self.method in UNSAFE else ("codes",)
        for name in names:
            for status, more in getattr(self.permission(), name, {}).items():
                codes.setdefault(status, set()).update(more)
        if self.method in UNSAFE and self.view.authentication_classes:
            codes.setdefault(403, set()).add("csrf_failed")
        if declared.query:
            codes[400].add("invalid")
        if declared.body:
            codes[400] |= {"invalid", "parse_error"}
            codes |= {413: {"too_large"}, 415: {"unsupported_media_type"}}
        for status, code in declared.raises.values():
            codes.setdefault(status, set()).add(code)
        for status, more in declared.codes.items():
            codes.setdefault(status, set()).update(more)
        return {status: error(status, codes[status]) for status in sorted(codes)}


def error(status: int, codes: set[str]) -> OpenApiResponse:
    properties: dict[str, Any] = {
        "code": {"type": "string", "enum": sorted(codes)},
        "detail": {"type": "string"},
    }
    for code in sorted(codes & MORE.keys()):
        properties |= MORE[code]
    schema = {"type": "object", "properties": properties, "required": ["code", "detail"]}
    return OpenApiResponse(schema, description=DESCRIPTIONS[status])


def complete(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add what the generator does not know, as one of its hooks."""
    result["components"]["securitySchemes"] = SECURITY
    for name, schema in result["components"]["schemas"].items():
        if not name.endswith("Request"):
            schema["required"] = sorted(schema["properties"])  # a serializer sends all of them
    _drop(result, "x-spec-enum-id")
    result["components"]["schemas"]["FieldCode"] = coded(FAULTS)
    result["components"]["schemas"]["EventFacts"] = coded(FACTS)
    for name, (component, summary, answers, properties) in HEALTH.items():
        schema = {"type": "object", "properties": properties, "required": sorted(properties)}
        result["components"]["schemas"][component] = schema
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{component}"}}}
        result["paths"][f"/api/health/{name}/"] = {
            "get": {
                "operationId": f"health_{name}",
                "summary": summary,
                "tags": ["health"],
                "security": [],
                "responses": {
                    number: {"description": words, "content": content}
                    for number, words in answers.items()
                },
            }
        }
    text = json.dumps(result)
    for name in list(result["components"]["schemas"]):
        if f'/schemas/{name}"' not in text:  # the request of a serializer that is only read
            del result["components"]["schemas"][name]
    return result


def _drop(node: Any, key: str) -> None:
    """Remove the generator's own note `key` everywhere."""
    if isinstance(node, dict):
        node.pop(key, None)
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, dict | list):
            _drop(inner, key)


@cache
def document() -> dict[str, Any]:
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]  # has no types
    return dict(generator.get_schema(public=True))  # type: ignore[no-untyped-call]  # the same
