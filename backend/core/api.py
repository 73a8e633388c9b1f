"""Rules of all of /api/: every answer is JSON, and every error has one shape.

`{"code": "wrong_pin", "detail": "A sentence for a person."}`. A body with faults has also those of
its fields: `{"fields": {"pin": "A PIN has 4 to 12 digits."}}`. Beside it stands the same by code,
for pages in other languages:
`{"field_codes": {"pin": {"code": "pin_format", "params": {"min": 4, "max": 12}}}}`.
"""

import logging
import re
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from psycopg.errors import ReadOnlySqlTransaction
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler as rest_exception_handler

from core import faults
from core.middleware import Middleware
from core.problems import Problem

logger = logging.getLogger(__name__)

SENTENCES = {
    400: "The request could not be understood.",
    404: "There is nothing at this address.",
    405: "This address does not answer to that method.",
    500: "The server has a defect; its log has the details.",
}


def error_body(code: str, detail: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "detail": detail, **more}


def sentence(detail: Any) -> str:
    """Return the first message of a REST framework error, which may be nested by field."""
    if isinstance(detail, dict):
        field, inner = next(iter(detail.items()))
        return sentence(inner) if field == "non_field_errors" else f"{field}: {sentence(inner)}"
    if isinstance(detail, list):
        return sentence(detail[0])
    return str(detail)


def first(detail: Any) -> Any:
    """Return the first error of a REST framework error, which may be nested by field."""
    while isinstance(detail, dict | list):
        detail = next(iter(detail.values() if isinstance(detail, dict) else detail))
    return detail


def by_field(detail: Any) -> dict[str, Any]:
    """Return the first message for each field of a ValidationError, and its code."""
    found = detail if isinstance(detail, dict) else {}
    of_fields = {name: of for name, of in found.items() if name != "non_field_errors"}
    return {
        "fields": {name: sentence(of) for name, of in of_fields.items()},
        "field_codes": {name: faults.described(first(of)) for name, of in of_fields.items()},
    }


def is_unavailable(error: Exception) -> bool:
    """Whether it is the database's: away, full, or read-only while a replica takes over."""
    is_read_only = isinstance(error.__cause__, ReadOnlySqlTransaction)
    return is_read_only or isinstance(error, OperationalError | InterfaceError)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception of a view; None leaves it to Django, which logs it and answers 500."""
    if is_unavailable(error):
        logger.error("The database did not answer: %s", error)
        detail = "The database is not available; try again in a moment."
        return Response(
            error_body("database_unavailable", detail), 503, headers={"Retry-After": "2"}
        )
    if not isinstance(error, APIException):
        return None
    if (response := rest_exception_handler(error, context)) is None:
        return None
    if isinstance(error, ValidationError):
        response.data = error_body("invalid", sentence(error.detail), **by_field(error.detail))
    else:
        more = error.more if isinstance(error, Problem) else {}
        response.data = error_body(str(error.get_codes()), sentence(error.detail), **more)
    return response


class ApiMiddleware(Middleware):
    """Makes every answer under /api/ JSON and uncacheable.

    Errors that never reach the REST framework (an unknown path, a refused host, an exception,
    Django's debug pages) arrive here as HTML or text and are replaced.
    """

    def before(self, request: HttpRequest) -> HttpResponse | None:
        # Django checks the size of bodies that it parses, not of those REST framework parses.
        size = request.META.get("CONTENT_LENGTH") or "0"
        if re.fullmatch("[0-9]{1,9}", size) and int(size) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return None
        largest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024
        detail = f"The request is larger than {largest} KiB."
        return JsonResponse(error_body("too_large", detail), status=413)

    def after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.path_info.startswith("/api/"):
            is_json = response.headers.get("Content-Type", "").startswith("application/json")
            if response.status_code >= 400 and not is_json:
                response = self.as_json(response)
            response.headers["Cache-Control"] = "no-store"
        response.headers["X-Frame-Options"] = "DENY"
        if not response.streaming:
            # An answer in chunks can be cut without a proxy noticing it.
            response.headers["Content-Length"] = str(len(response.content))
        return response

    @staticmethod
    def as_json(response: HttpResponse) -> JsonResponse:
        """Return the JSON error of the same status; a plain text answer's words are kept."""
        status = HTTPStatus(response.status_code)
        detail = SENTENCES.get(status.value, status.phrase)
        if response.headers.get("Content-Type") == "text/plain" and response.content:
            detail = response.content.decode().strip()
        code = "server_error" if status >= 500 else status.name.lower()
        replacement = JsonResponse(error_body(code, detail), status=status)
        for name in response.headers.keys() - {"Content-Type", "Content-Length"}:
            replacement.headers[name] = response.headers[name]
        return replacement
