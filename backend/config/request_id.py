"""The number of a request: it stands in the front's log, in this one's, and in the answer."""

import logging
import re
import uuid
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from config.middleware import Middleware

HEADER = "X-Request-ID"
FORMAT = re.compile(r"[0-9a-f]{32}")

current: ContextVar[str] = ContextVar("request_id", default="")


class RequestIdMiddleware(Middleware):
    """Takes the number that the front has given, or gives one; only the front's form is taken."""

    def before(self, request: HttpRequest) -> None:
        """Remember the number for the log."""
        # Not `request.headers`, which would read all of them for this one.
        given = request.META.get(f"HTTP_{HEADER.upper().replace('-', '_')}", "")
        request.request_id = given if FORMAT.fullmatch(given) else uuid.uuid4().hex
        current.set(request.request_id)

    def after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Tell it to the client; production's front says it itself."""
        response.headers[HEADER] = request.request_id
        return response


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to each record: ` request=…`, or nothing outside of requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True: nothing is left out."""
        number = current.get()
        record.request_id = f" request={number}" if number else ""
        return True
