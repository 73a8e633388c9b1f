"""What is counted for Prometheus: requests with how long they took, and open WebSockets.

The names are OpenTelemetry's, as Prometheus writes them: probes and scrapes are not counted.
https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
"""

import os
import time

from django.http import HttpRequest, HttpResponse
from prometheus_client import Gauge, Histogram, values

from config.middleware import Middleware

# Set where several processes serve the application: each writes what it counts to files there.
# https://prometheus.github.io/client_python/multiprocess/
SHARED = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if SHARED:
    # Named after supervisord's number, not the process's: who takes a dead one's place goes on
    # counting in its files, and there are never more of them.
    number = os.environ.get("SUPERVISOR_PROCESS_NAME", "").rpartition("_")[2] or os.getpid()
    values.ValueClass = values.MultiProcessValue(lambda: number)

UNCOUNTED = ("api/health/", "metrics")  # routes of those who watch
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}

REQUESTS = Histogram(
    "http_server_request_duration_seconds",
    "Requests that the application has answered, and how long each took.",
    ("http_request_method", "http_route", "http_response_status_code"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
WEBSOCKETS = Gauge("websocket_connections", "Open WebSockets.", multiprocess_mode="livesum")
WEBSOCKETS.set(0)  # those of a process that was killed have ended with it


class MetricsMiddleware(Middleware):
    """Counts each request by its route, of which there are few, not by its path."""

    def before(self, request: HttpRequest) -> None:
        """Remember when it came."""
        request.came_at = time.perf_counter()

    def after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Count it."""
        route = request.resolver_match.route if request.resolver_match else ""
        if not route.startswith(UNCOUNTED):
            method = request.method if request.method in METHODS else "_OTHER"
            seconds = time.perf_counter() - request.came_at
            REQUESTS.labels(method, route, response.status_code).observe(seconds)
        return response


class CountedWebSockets:
    """ASGI application that counts the sockets of another while they are open."""

    def __init__(self, application) -> None:
        self.application = application

    async def __call__(self, scope, receive, send) -> None:
        with WEBSOCKETS.track_inprogress():
            await self.application(scope, receive, send)
