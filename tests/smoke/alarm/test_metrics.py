"""Metrics for Prometheus are readable inside the stack's network only."""

from __future__ import annotations

import re

import pytest

from stack.compose.project import Project
from tests.support.containers import image_of
from tests.support.metrics import COUNT, PORT, scrape
from tests.support.panel import Panel

pytestmark = pytest.mark.mode("prod")


def test_probes_are_neither_counted_nor_logged(panel: Panel, project: Project) -> None:
    for path in ("/api/health/live/", "/api/health/ready/"):
        assert panel.get(path).status_code == 200
    samples = scrape(project)
    assert not [key for key in samples if key[0] == COUNT and re.search("health|metrics", str(key))]
    log = project.containers()["app"].logs().decode(errors="replace")
    assert not re.search(r'"path":"/(api/health/\w+/|metrics)","status":200', log)
    # Nginx logs such a request only as an error, when a server is down that another test killed.
    away = re.compile(r"\[(warn|error)\] .* while .* upstream, ")
    lines = [line for line in log.splitlines() if not away.search(line)]
    assert not [line for line in lines if "/api/health/" in line]


@pytest.mark.parametrize(
    "path",
    [
        "/metrics",
        "/metrics/",
        "//metrics",
        "/api/../metrics",
        "/api/%2e%2e/metrics",
        "/metrics/../api/",
        "/metrics%3f/../api/",
        "/ws/..%2fmetrics",
    ],
)
def test_the_published_port_serves_no_metrics(panel: Panel, path: str) -> None:
    """Sent as raw bytes, because libraries normalize such paths."""
    with panel.address.connect(seconds=10) as raw:
        head = f"GET {path} HTTP/1.1\r\nHost: localhost:{PORT}\r\nConnection: close\r\n\r\n"
        raw.sendall(head.encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 ")
    assert b"health_check_success" not in answer
    assert b"python_info" not in answer
    assert b"text/plain; version=" not in answer


def test_the_metrics_port_is_not_published(project: Project) -> None:
    app = project.containers()["app"]
    assert f"{PORT}/tcp" not in app.attrs["HostConfig"]["PortBindings"]
    assert f"{PORT}/tcp" not in (image_of(app).attrs["Config"].get("ExposedPorts") or {})
