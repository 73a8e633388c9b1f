"""The numbers for Prometheus: requests with their durations, and open WebSockets.

The names are OpenTelemetry's, as Prometheus writes them: probes and scrapes are not counted.
https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
"""

import os
import time
from contextvars import ContextVar

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from django.http import HttpRequest, HttpResponse
from prometheus_client import Gauge, Histogram, values

from core.middleware import Middleware

# Set where several processes serve the application: each counts in files there.
SHARED = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if SHARED:
    # Named after supervisord's number, not the process's: a process that replaces a dead one goes
    # on counting in its files, so their number does not grow. The assignment is the documented way:
    # https://prometheus.github.io/client_python/multiprocess/ (ASGI and process_identifier)
    number = os.environ.get("SUPERVISOR_PROCESS_NAME", "").rpartition("_")[2] or os.getpid()
    values.ValueClass = values.MultiProcessValue(lambda: number)  # type: ignore[no-untyped-call]  # no types

UNCOUNTED = ("api/health/", "metrics")  # routes of probes and scrapes
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}

REQUESTS = Histogram(
    "http_server_request_duration_seconds",
    "Requests that the application has answered, and how long each took.",
    ("http_request_method", "http_route", "http_response_status_code"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
WEBSOCKETS = Gauge("websocket_connections", "Open WebSockets.", multiprocess_mode="livesum")
WEBSOCKETS.set(0)  # the sockets of a killed process have ended with it

began: ContextVar[float] = ContextVar("began")


class MetricsMiddleware(Middleware):
    """Counts each request by its route, of which there are few, not by its path."""

    def before(self, request: HttpRequest) -> None:
        """Remember when it began."""
        began.set(time.perf_counter())

    def after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Count it."""
        route = request.resolver_match.route if request.resolver_match else ""
        if not route.startswith(UNCOUNTED):
            method = request.method if request.method in METHODS else "_OTHER"
            seconds = time.perf_counter() - began.get()
            REQUESTS.labels(method, route, response.status_code).observe(seconds)
        return response


class CountedWebSockets:
    """ASGI application that counts the sockets of another while they are open."""

    def __init__(self, application: ASGI3Application) -> None:
        self.application = application

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        with WEBSOCKETS.track_inprogress():
            await self.application(scope, receive, send)
