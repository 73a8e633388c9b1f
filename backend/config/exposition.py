"""The page /metrics, as Prometheus reads it: docs/metrics.md says what each series means.

Production's Nginx passes it on from a port that is not published, and nowhere else.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from alarm import leader
from config import health
from core.metrics import SHARED
from core.threads import health_threads, in_thread

# Nginx's own numbers, in the order of the header X-Nginx-Connections.
CONNECTIONS = ("active", "reading", "writing", "waiting")


@require_safe
async def page(request: HttpRequest) -> HttpResponse:
    """Answer the numbers of every process, the health checks, and Nginx's numbers."""
    checks = await health.results()
    nginx = request.headers.get("X-Nginx-Connections", "").split()
    leads = await leading_host() if checks["database"]["ok"] else ""
    text = await in_thread(counted) + generate_latest(Moment(checks, nginx, leads))
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


async def leading_host() -> str:
    """Return where the leading worker is, by its container's host name; empty if not known."""
    with suppress(Exception):  # the database is away after all
        return await asyncio.wait_for(in_thread(leader.host, pool=health_threads), health.LIMIT)
    return ""


def counted() -> bytes:
    """Return the series of requests and sockets, of all processes together."""
    if not SHARED:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, SHARED)  # type: ignore[no-untyped-call]  # has no types
    return generate_latest(registry)


class Moment:
    """A registry of what is true now, whichever process answers."""

    def __init__(self, checks: dict[str, dict[str, Any]], nginx: list[str], leads: str) -> None:
        self.checks = checks
        self.nginx = nginx
        self.leads = leads

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
        if self.leads:
            lead = GaugeMetricFamily("worker_lead_info", "The worker that leads.", labels=["host"])
            lead.add_metric([self.leads], 1)
            yield lead
        for state, number in zip(CONNECTIONS, self.nginx, strict=False):
            name = f"nginx_connections_{state}"
            yield GaugeMetricFamily(name, f"Nginx's connections: {state}.", value=int(number))
