"""The page /metrics, as Prometheus reads it: docs/metrics.md says what each series means.

Production's Nginx passes it on from a port that is not published, and nowhere else.
"""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from config import health
from core.metrics import SHARED
from core.threads import in_thread

# Nginx's own numbers, in the order of the header X-Nginx-Connections.
CONNECTIONS = ("active", "reading", "writing", "waiting")


@require_safe
async def page(request: HttpRequest) -> HttpResponse:
    """Answer the numbers of every process, the health checks, and Nginx's numbers."""
    checks = await health.results()
    nginx = request.headers.get("X-Nginx-Connections", "").split()
    text = await in_thread(counted) + generate_latest(Moment(checks, nginx))
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def counted() -> bytes:
    """Return the series of requests and sockets, of all processes together."""
    if not SHARED:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, SHARED)  # type: ignore[no-untyped-call]  # has no types
    return generate_latest(registry)


class Moment:
    """A registry of what is true now, whichever process answers."""

    def __init__(self, checks: dict[str, dict[str, Any]], nginx: list[str]) -> None:
        self.checks = checks
        self.nginx = nginx

    def collect(self) -> Iterator[GaugeMetricFamily]:
        build = GaugeMetricFamily(
            "app_build_info", "The version that runs.", labels=list(health.VERSION)
        )
        build.add_metric(list(health.VERSION.values()), 1)
        yield build
        passed = GaugeMetricFamily("health_check_success", "1: it passes.", labels=["check"])
        for name, result in self.checks.items():
            passed.add_metric([name], result["ok"])
        yield passed
        for state, number in zip(CONNECTIONS, self.nginx, strict=False):
            name = f"nginx_connections_{state}"
            yield GaugeMetricFamily(name, f"Nginx's connections: {state}.", value=int(number))
