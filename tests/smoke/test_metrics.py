"""What Prometheus reads: from inside of the stack's network, and from nowhere else."""

from __future__ import annotations

import re
import socket

import pytest

from stack.compose.exec import run_one_off
from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.smoke.panel import Panel

pytestmark = pytest.mark.mode("prod")

PORT = 9427
COUNT = "http_server_request_duration_seconds_count"

# The library's own reader takes the text apart, as Prometheus would.
SCRAPE = f"""
import urllib.request
from prometheus_client.parser import text_string_to_metric_families as parsed
text = urllib.request.urlopen("http://app:{PORT}/metrics", timeout=10).read().decode()
for family in parsed(text):
    for sample in family.samples:
        print(sample.name, *sample.labels.values(), sample.value, sep="\\t")
"""


def scrape(project: Project) -> dict[tuple[str, ...], float]:
    """The samples by name and label values, as the database's neighbour reads them."""
    app = project.containers()["app"]
    told = app.exec_run(["python", "-c", SCRAPE], stderr=False)
    assert told.exit_code == 0
    rows = [line.split("\t") for line in told.output.decode().splitlines()]
    return {tuple(row[:-1]): float(row[-1]) for row in rows}


def requests_of(samples: dict[tuple[str, ...], float], route: str) -> float:
    """How many requests of a route are counted."""
    return sum(n for key, n in samples.items() if key[0] == COUNT and route in key)


@pytest.mark.own_stack
def test_another_container_of_the_network_reads_it(project: Project) -> None:
    done = run_one_off(project, "python", "-c", SCRAPE)
    assert done.returncode == 0, done.stderr
    assert "health_check_success\tdatabase\t1.0" in done.stdout


@pytest.mark.own_stack
def test_every_process_adds_to_one_count(panel: Panel, project: Project) -> None:
    before = requests_of(scrape(project), "api/alarm/state/")
    for _ in range(20):  # connections of their own, which meet both processes
        panel.get("/api/alarm/state/", headers={"Connection": "close"})
    for _ in range(3):  # whichever process answers, it tells of all
        assert requests_of(scrape(project), "api/alarm/state/") == before + 20
    files = project.containers()["app"].exec_run(["ls", "/run/app/metrics"])
    kinds = ("gauge_livesum", "histogram")
    allowed = {f"{kind}_{number}.db" for kind in kinds for number in (0, 1)}
    assert {"gauge_livesum_0.db", "gauge_livesum_1.db"} <= set(files.output.decode().split())
    assert set(files.output.decode().split()) <= allowed


def test_probes_are_neither_counted_nor_logged(panel: Panel, project: Project) -> None:
    for path in ("/api/health/live/", "/api/health/ready/"):
        assert panel.get(path).status_code == 200
    told = scrape(project)
    assert not [key for key in told if key[0] == COUNT and re.search("health|metrics", str(key))]
    log = project.containers()["app"].logs().decode(errors="replace")
    assert not re.search(r'"path":"/(api/health|metrics)', log)
    # Nginx names the request where it meets a server that other tests have killed, and only there.
    away = re.compile(r"\[(warn|error)\] .* while .* upstream, ")
    lines = [line for line in log.splitlines() if not away.search(line)]
    assert not [line for line in lines if "/api/health/" in line]


@pytest.mark.own_stack
def test_open_sockets_and_the_fronts_connections_are_told(panel: Panel, project: Project) -> None:
    sockets = [panel.socket() for _ in range(4)]
    for each in sockets:
        each.wait_for("snapshot")
    told = scrape(project)
    count = told[("websocket_connections",)]  # those of tests before may still be ending
    assert count >= 4
    assert told[("nginx_connections_active",)] >= 5
    for each in sockets:
        each.connection.close()

    def ended() -> bool:
        return scrape(project)[("websocket_connections",)] <= count - 4

    wait_until("the sockets' end to be told", ended, seconds=20)


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
def test_the_published_port_does_not_tell_it(panel: Panel, project: Project, path: str) -> None:
    """As it stands on the wire: libraries tidy such paths up."""
    with socket.create_connection(("127.0.0.1", project.port), timeout=10) as raw:
        head = f"GET {path} HTTP/1.1\r\nHost: localhost:{PORT}\r\nConnection: close\r\n\r\n"
        raw.sendall(head.encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 ")
    assert b"health_check_success" not in answer
    assert b"python_info" not in answer
    assert b"text/plain; version=" not in answer


def test_its_port_is_not_published(project: Project) -> None:
    app = project.containers()["app"]
    assert f"{PORT}/tcp" not in app.attrs["HostConfig"]["PortBindings"]
    assert f"{PORT}/tcp" not in (app.image.attrs["Config"].get("ExposedPorts") or {})
