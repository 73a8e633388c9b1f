"""Metrics of all processes of the app."""

from __future__ import annotations

import pytest

from stack.compose.exec import run_one_off
from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.support.containers import output_of
from tests.support.metrics import COUNT, SCRAPE, scrape
from tests.support.panel import Panel

pytestmark = pytest.mark.mode("prod")


def requests_of(samples: dict[tuple[str, ...], float], route: str) -> float:
    """How many requests of a route are counted."""
    return sum(n for key, n in samples.items() if key[0] == COUNT and route in key)


def test_another_container_of_the_network_reads_the_metrics(project: Project) -> None:
    done = run_one_off(project, "python", "-c", SCRAPE)
    assert done.returncode == 0, done.stderr
    assert "health_check_success\tdatabase\t1.0" in done.stdout


def test_one_counter_covers_every_process(panel: Panel, project: Project) -> None:
    before = requests_of(scrape(project), "api/alarm/state/")
    for _ in range(20):  # separate connections, which reach both processes
        panel.get("/api/alarm/state/", headers={"Connection": "close"})
    for _ in range(3):  # each process answers for all
        assert requests_of(scrape(project), "api/alarm/state/") == before + 20
    files = {*output_of(project.containers()["app"], "ls", "/run/app/metrics").split()}
    kinds = ("gauge_livesum", "histogram")
    allowed = {f"{kind}_{number}.db" for kind in kinds for number in (0, 1)}
    assert {"gauge_livesum_0.db", "gauge_livesum_1.db"} <= files <= allowed


def test_open_sockets_and_nginx_connections_are_counted(panel: Panel, project: Project) -> None:
    sockets = [panel.socket() for _ in range(4)]
    for each in sockets:
        each.wait_for("snapshot")
    samples = scrape(project)
    count = samples[("websocket_connections",)]  # sockets of earlier tests may still be closing
    assert count >= 4
    assert samples[("nginx_connections_active",)] >= 5
    for each in sockets:
        each.connection.close()

    def ended() -> bool:
        return scrape(project)[("websocket_connections",)] <= count - 4

    wait_until("the sockets' end to be counted", ended, seconds=20)
