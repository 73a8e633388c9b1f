"""What /metrics says."""

import os
import subprocess
import sys

import pytest
from django.test import AsyncClient
from prometheus_client.parser import text_string_to_metric_families

from alarm import leader
from core.metrics import WEBSOCKETS, CountedWebSockets
from core.threads import in_thread
from tests.conftest import BACKEND

pytestmark = pytest.mark.django_db(transaction=True)

COUNT = "http_server_request_duration_seconds_count"


@pytest.fixture
async def client(settings):
    settings.ALARM_HOSTS = ("testserver",)
    return AsyncClient()


async def samples(client, **headers) -> dict[tuple, float]:
    """The value of each sample, by its name and its labels' values."""
    answer = await client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    families = list(text_string_to_metric_families(answer.content.decode()))
    return {(s.name, *s.labels.values()): s.value for f in families for s in f.samples}


async def test_requests_are_counted_by_route_not_by_path(client):
    before = await samples(client)
    for number in (998, 999):
        await client.delete(f"/api/people/{number}/")
    await client.get("/api/nothing/of/the/kind/")
    after = await samples(client)
    routes = {key for key in after if key[0] == COUNT and after[key] > before.get(key, 0)}
    # The labels come in the alphabet's order or in the code's.
    assert {frozenset(key[1:]) for key in routes} == {
        frozenset({"DELETE", "api/people/<int:person_id>/", "403"}),
        frozenset({"GET", "", "404"}),
    }
    assert sum(after[key] - before.get(key, 0) for key in routes) == 3


async def test_probes_and_scrapes_are_not_counted(client):
    before = await samples(client)
    await client.get("/api/health/live/")
    await client.get("/api/health/ready/")
    await client.get("/metrics")
    after = await samples(client)
    counts = {key: value for key, value in after.items() if key[0] == COUNT}
    assert counts == {key: before.get(key) for key in counts}


async def test_a_method_of_the_clients_own_makes_no_series_of_its_own(client):
    await client.generic("INVENTED", "/api/alarm/state/")
    assert not [key for key in await samples(client) if "INVENTED" in key]
    assert [key for key in await samples(client) if "_OTHER" in key]


async def test_health_build_and_nginx_connections_are_exposed(client):
    found = await samples(client, **{"X-Nginx-Connections": "4 0 3 1"})
    assert found["health_check_success", "database"] == 1
    assert found["health_check_success", "worker"] == 0  # there is none
    assert [value for key, value in found.items() if key[0] == "app_build_info"] == [1]
    states = ("active", "reading", "writing", "waiting")
    assert [found[(f"nginx_connections_{state}",)] for state in states] == [4, 0, 3, 1]


async def test_an_open_socket_is_counted_until_its_end():
    seen = []

    async def application(*_):
        seen.append(WEBSOCKETS._value.get())
        raise ConnectionError

    before = WEBSOCKETS._value.get()
    with pytest.raises(ConnectionError):
        await CountedWebSockets(application)({}, None, None)
    assert (seen, WEBSOCKETS._value.get()) == ([before + 1], before)


COUNTS = """
import os, sys
from core.metrics import REQUESTS, WEBSOCKETS
REQUESTS.labels("GET", "api/", 200).observe(0.1)
WEBSOCKETS.inc()
print(*sorted(os.listdir(os.environ["PROMETHEUS_MULTIPROC_DIR"])), flush=True)
os.kill(os.getpid(), 9)
"""
PRINTS = """
import django
django.setup()
from config.exposition import counted
print(counted().decode())
"""


def in_process(folder, number: int, code: str) -> str:
    """What `code` prints as one of the processes that supervisord starts."""
    shared = {
        "PROMETHEUS_MULTIPROC_DIR": str(folder),
        "SUPERVISOR_PROCESS_NAME": f"daphne_{number}",
    }
    environment = {**os.environ, **shared, "DJANGO_SETTINGS_MODULE": "config.settings"}
    program = [sys.executable, "-c", code]
    process = subprocess.run(
        program, cwd=BACKEND, env=environment, stdout=subprocess.PIPE, text=True
    )
    return process.stdout


def test_a_process_that_replaces_a_killed_one_goes_on_counting(tmp_path):
    files = [in_process(tmp_path, number, COUNTS) for number in (0, 1, 0, 0)]
    assert files[-1].split() == [
        *("gauge_livesum_0.db", "gauge_livesum_1.db", "histogram_0.db", "histogram_1.db")
    ]
    found = in_process(tmp_path, 0, PRINTS)
    (count,) = [line for line in found.splitlines() if line.startswith(COUNT)]
    assert float(count.split()[-1]) == 4
    # The sockets of killed processes are gone, except number 1's, which is not replaced yet.
    assert "websocket_connections 1.0" in found.splitlines()


async def test_the_container_whose_worker_leads_is_named(client, transactional_db):
    candidate = leader.Candidate()
    here = ("worker_lead_info", leader.HOST)
    try:
        assert await in_thread(candidate.try_to_lead)
        await in_thread(candidate.beat)
        assert here in await samples(client)
    finally:
        await in_thread(candidate.resign)
    assert here not in await samples(client)
