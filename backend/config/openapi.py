"""The API's description, OpenAPI 3.1, at /api/schema/.

What each address takes and answers stands in the `openapi.py` of its app. They are loaded when the
description is first asked for: the generator is slow to import, and most processes never need it.
"""

from functools import cache
from importlib import import_module

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.serializers import BaseSerializer
from rest_framework.settings import api_settings

# Not in config/settings.py: @api_view would load it, with everything above, in every process.
api_settings.DEFAULT_SCHEMA_CLASS = AutoSchema

APPS = ("people", "alarm", "integrations")
UNSAFE = {"post", "patch", "delete"}

SECURITY = {
    "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
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
# Sentences for fields, beside `invalid`; sensors, beside `not_ready`.
MORE = {
    "fields": {"type": "object", "additionalProperties": {"type": "string"}},
    "sensors": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
            "required": ["id", "name"],
        },
    },
}

CSV = {(200, "text/csv"): OpenApiTypes.STR}
Answer = type[BaseSerializer] | BaseSerializer | None


def describe(
    view,
    method: str,
    summary: str,
    answer: Answer | dict = None,
    *,
    status: int = 200,
    body: type[BaseSerializer] | None = None,
    who: str = "person",
    errors: dict[int, tuple[str, ...]] | None = None,
    parameters: tuple = (),
) -> None:
    """Describe one method of a view: its body, its answer, and every error that it may give.

    `who` may ask is "anyone", "sensor", "person" or "admin"; the errors that follow from it and
    from the method need not be given in `errors`, which maps a status to codes.
    """
    codes = {400: {"bad_request"}, 503: {"database_unavailable", "backend_unavailable"}}
    if who != "anyone":
        codes[403] = {"setup_required"}
    if who in ("person", "admin"):
        codes[403] |= {"login_required"}
    if who == "admin":
        codes[403] |= {"admin_only"}
    if who != "sensor" and method in UNSAFE:
        codes.setdefault(403, set()).add("csrf_failed")
    if body is not None:
        codes[400] |= {"invalid", "parse_error"}
        codes |= {413: {"too_large"}, 415: {"unsupported_media_type"}}
    for number, more in (errors or {}).items():
        codes[number] = codes.get(number, set()) | set(more)
    responses = {number: error(number, codes[number]) for number in sorted(codes)}
    if isinstance(answer, dict):
        responses |= answer
    else:
        responses[status] = answer or OpenApiResponse(description="Done.")
    described = extend_schema(
        summary=summary,
        request=body,
        responses=responses,
        parameters=list(parameters),
        tags=[view.__module__.partition(".")[0]],
        auth=_auth(who, method),
    )
    if hasattr(view, "cls"):  # made by @api_view, which has given it the default of that moment
        view.cls.schema = AutoSchema()
        described(view)
    else:
        setattr(view, method, described(getattr(view, method)))


def error(status: int, codes: set[str]) -> OpenApiResponse:
    """Return the response of an error that has one of `codes`."""
    properties = {"code": {"type": "string", "enum": sorted(codes)}, "detail": {"type": "string"}}
    if "invalid" in codes:
        properties["fields"] = MORE["fields"]
    if "not_ready" in codes:
        properties["sensors"] = MORE["sensors"]
    schema = {"type": "object", "properties": properties, "required": ["code", "detail"]}
    return OpenApiResponse(schema, description=DESCRIPTIONS[status])


def _auth(who: str, method: str) -> list[dict]:
    if who in ("person", "admin"):
        return [{"session": [], "csrf": []} if method in UNSAFE else {"session": []}]
    return [{"sensor": []}] if who == "sensor" else []


def complete(result: dict, generator, request, public) -> dict:
    """Add what is no view of the REST framework's, as a hook of the generator."""
    result["components"]["securitySchemes"] = SECURITY
    _drop(result, "x-spec-enum-id")
    live = {"type": "object", "properties": {"status": {"type": "string"}}, "required": ["status"]}
    for name, summary in {
        "live": "Whether the process answers at all",
        "ready": "Whether it can do its work, and what keeps it from it",
    }.items():
        answers = {"200": "Yes.", "503": "No."} if name == "ready" else {"200": "Yes."}
        content = {"application/json": {"schema": live}}
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
    return result


def _drop(node, key: str) -> None:
    """Remove the generator's own note `key`, wherever it stands."""
    if isinstance(node, dict):
        node.pop(key, None)
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, dict | list):
            _drop(inner, key)


@cache
def document() -> dict:
    """Return the description, made once per process."""
    for app in APPS:
        import_module(f"{app}.openapi")
    return SchemaGenerator().get_schema(request=None, public=True)
