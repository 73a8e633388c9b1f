"""The request ID: it stands in the proxy's log, in the app's log, and in the answer."""

import logging
import re
import uuid
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from core.middleware import Middleware

HEADER = "X-Request-ID"
FORMAT = re.compile(r"[0-9a-f]{32}")

current: ContextVar[str] = ContextVar("request_id", default="")


class RequestIdMiddleware(Middleware):
    """Takes the ID from the reverse proxy, or makes one."""

    def before(self, request: HttpRequest) -> None:
        # Not `request.headers`, which would read all of them for this one.
        given = request.META.get(f"HTTP_{HEADER.upper().replace('-', '_')}", "")
        current.set(given if FORMAT.fullmatch(given) else uuid.uuid4().hex)

    def after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Send it to the client; in production Nginx sends it, too."""
        response.headers[HEADER] = current.get()
        return response


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to each record: ` request=…`, or nothing outside of requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        number = current.get()
        record.request_id = f" request={number}" if number else ""
        return True
