"""The sums of `nox -s bench -- --only cluster`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stack.config.modes import PROD, ROOT
from tests.bench.cluster import __main__ as scale_page
from tests.bench.cluster import paper, plain_file
from tests.bench.cluster.fit import line
from tests.bench.cluster.paper import Cluster, Costs, Linear
from tests.support.composed import composed

DYNAMIC = ROOT / "docker" / "cluster" / "traefik" / "dynamic.yml"


def cluster() -> dict[str, Any]:
    """What Compose understands of a cluster."""
    files = (PROD.compose_file, "compose/cluster.yml", "compose/cluster-database.yml")
    return composed(*files, COMPOSE_PROJECT_NAME="house-cluster", CLUSTER_APP_IMAGE="house-app")


def test_a_line_is_that_of_least_squares_and_has_residuals() -> None:
    found = line("x", "replicas", "ms", [(4, 9), (1, 3), (2, 6)])
    assert found.points == [(1, 3), (2, 6), (4, 9)]
    assert (found.base, found.slope) == pytest.approx((1.5, 27 / 14))
    assert sum(found.residuals) == pytest.approx(0)
    assert max(map(abs, found.residuals)) == pytest.approx(9 / 14)


def test_a_single_point_is_a_flat_line() -> None:
    found = line("x", "replicas", "ms", [(8, 5)])
    assert (found.base, found.slope, found.residuals) == (5, 0, [0])


def test_the_bench_runs_the_cluster_s_services_without_swarm() -> None:
    asked = cluster()
    made = plain_file.plain_file(asked, "built", "10.1.0.0/16", "/dynamic.yml")
    services = made["services"]
    assert set(services) == {"app", "db", "traefik"}
    assert all("deploy" not in one and "ports" not in one for one in services.values())
    assert services["app"]["image"] == "built"
    assert services["app"]["environment"]["TRUSTED_PROXIES"] == "10.1.0.0/16"
    assert services["app"]["environment"]["HEALTHY_ONCE_READY"] == "answers"
    assert services["db"]["command"][-1] == "max_connections=300"
    command = services["traefik"]["command"]
    assert not [word for word in command if "swarm" in word]
    assert len(command) == len(asked["services"]["traefik"]["command"]) - 6
    assert made["configs"]["traefik"]["file"] == "/dynamic.yml"


def test_traefik_gets_the_replicas_from_a_file_as_it_gets_them_from_swarm() -> None:
    labels = cluster()["services"]["app"]["deploy"]["labels"]
    text = plain_file.dynamic_file(DYNAMIC.read_text(), labels, ["10.1.0.2", "10.1.0.3"])
    assert "@swarm" not in text
    (ready,) = (one for one in text.splitlines() if one.startswith("    ready: "))
    balancer = json.loads(ready.partition(": ")[2])["loadBalancer"]
    assert [one["url"] for one in balancer["servers"]] == [
        "http://10.1.0.2:80",
        "http://10.1.0.3:80",
    ]
    assert balancer["serversTransport"] == "app@file"
    assert balancer["healthCheck"] == {
        **{"path": "/ready", "port": 9427, "timeout": "3s"},
        **{"interval": "1s", "unhealthyInterval": "500ms"},
    }
    assert "failover: { service: ready@file, fallback: alive@file }" in text


COSTS = Costs(
    idle_replica=10_000,
    idle_leader=5_000,
    probe=1_000,
    idle_db=Linear(2_000, 1_000),
    idle_traefik=Linear(1_000, 500),
    read=4_000,
    read_traefik=1_000,
    read_db=1_000,
    change=Linear(10_000, 1_000),
    change_db=Linear(3_000, 500),
    lock=0.01,
    held=8,
    held_traefik=1,
    held_db=1,
    told=100,
    told_traefik=50,
    replica_bytes=250e6,
    socket_bytes=70_000,
    db_bytes=100e6,
    traefik_bytes=50e6,
    traefik_socket_bytes=50_000,
    sessions=27,
)


def test_reads_take_what_idleness_leaves_of_the_processors() -> None:
    one = Cluster(COSTS, nodes=2, cores=2, gib=4)
    assert one.replicas == 2
    # 2 × (10,000 + 1,000 of the other Traefik) + 5,000 + 4,000 + 2 × 2,000 of 2,800,000
    assert one.reads().most == pytest.approx((2_800_000 - 35_000) / 6_000)
    assert one.reads().by == "processors"
    assert Cluster(COSTS, nodes=1, cores=2, gib=4).reads().most < one.reads().most


def test_more_replicas_than_the_database_has_sessions_for_do_not_run() -> None:
    one = Cluster(COSTS, nodes=20, cores=2, gib=4)
    assert (one.wanted.most, one.wanted.by) == (11, "max_connections")
    assert one.reads().by == "the database"
    assert one.reads().most == pytest.approx((1_400_000 - 13_000) / 1_000)


def test_the_least_limit_is_named() -> None:
    one = Cluster(COSTS, nodes=1, cores=8, gib=16)
    assert one.sockets().by == "TRAEFIK_MEMORY"
    assert one.changes(10).by == "the alarm's row"
    assert one.changes(10).most == pytest.approx(100)
    assert one.changes(10_000).by == "processors"


def test_few_homes_need_the_processors_and_many_the_memory() -> None:
    alone = paper.homes_alone(COSTS, nodes=1, cores=2, gib=4)
    assert (alone.by, alone.most) == ("memory", 9)
    shared = paper.homes_in_clusters(COSTS, nodes=1, cores=2, gib=4)
    assert (shared.by, shared.most) == ("memory", 4)


def test_the_page_has_the_tables_of_its_figures() -> None:
    page = scale_page.PAGE.read_text(encoding="utf-8")
    found = json.loads(scale_page.COPY.read_text(encoding="utf-8"))
    assert scale_page.filled(page, found) == page
