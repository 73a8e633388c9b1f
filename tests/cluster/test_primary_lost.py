"""`inv cluster --ha` on the three nodes, whose primary is lost in the middle of an exit delay.

After the other tests of the nodes: the cluster without failover, and its data, are removed first.
"""

from __future__ import annotations

import time

import pytest

from stack.cluster import ha
from stack.core.polling import wait_until
from tests.cluster import conftest
from tests.cluster import nodes as nodes_
from tests.cluster.conftest import Tell
from tests.cluster.ha_nodes import HaNodes
from tests.cluster.load.load import Size
from tests.cluster.load.scenario import Scenarios, assert_kept, judge
from tests.cluster.load.table import Table
from tests.cluster.nodes import NAMES, Nodes

PRIMARY_GOAL = 15
"""Seconds for which a lost primary may be noticed, also by the timer."""

SERVED_WITHIN = 120
BOOT_SECONDS = 180


@pytest.fixture(scope="module")
def ha_nodes(nodes: Nodes, spread: dict[str, int]) -> HaNodes:
    """The cluster with failover; the one without is removed."""
    nodes.inv("cluster.reset", "--yes")
    return HaNodes(nodes.all)


@pytest.fixture(scope="module")
def ha_begun(ha_nodes: HaNodes) -> tuple[str, float]:
    """What the first command said, and its seconds."""
    started = time.monotonic()
    return ha_nodes.inv("cluster", "--ha", "--replicas=3"), time.monotonic() - started


@pytest.fixture(scope="module")
def ha_load(ha_nodes: HaNodes, ha_begun: tuple[str, float], table: Table, size: Size) -> Scenarios:
    """The load for it."""
    panels = conftest.first_visit(ha_nodes, ha_begun[0])
    return Scenarios(ha_nodes, panels, conftest.three_sensors(panels[0]), table, size)


@pytest.fixture
def whole(ha_nodes: HaNodes, ha_load: Scenarios) -> Scenarios:
    """The load, on a cluster that is whole and has a replica on each node."""
    conftest.bring_together(ha_nodes)
    return ha_load


def test_one_command_makes_a_cluster_with_failover(
    ha_nodes: HaNodes, ha_begun: tuple[str, float], tell: Tell
) -> None:
    said, seconds = ha_begun
    tell(f"{seconds:.0f} s")
    services = ha_nodes.wait_until_whole()["services"]
    assert {services[name] for name in ha.MEMBERS} == {"1/1"}
    assert services["haproxy"] == "2/2"
    assert "Setup token" in said


def test_a_killed_primary_in_an_exit_delay(ha_nodes: HaNodes, whole: Scenarios, tell: Tell) -> None:
    with whole.during("--ha: the primary is killed in an exit delay") as during:
        during.load.arming.wait_until_in_delay(2)
        began = time.monotonic()
        old = ha_nodes.kill_primary()
        new = wait_until("another primary", lambda: _other(ha_nodes, old.name), seconds=60)
        tell(f"{new} has the primary after {time.monotonic() - began:.1f} s, before {old.name}")
        during.load.wait_until_served(time.monotonic(), SERVED_WITHIN)
    row = during.row
    missed = judge(during, wait=(row.wait[1], PRIMARY_GOAL), timer=(row.late, PRIMARY_GOAL))
    assert_kept(row)
    assert not missed, row.failures


def test_a_lost_node_with_the_primary_in_an_exit_delay(
    ha_nodes: HaNodes, whole: Scenarios, tell: Tell
) -> None:
    lost = ha_nodes.primary()
    with whole.during("--ha: the primary's node is lost in an exit delay", lost) as during:
        during.load.arming.wait_until_in_delay(2)
        began = time.monotonic()
        lost.kill()
        new = wait_until("another primary", lambda: _other(ha_nodes, lost.name), seconds=60)
        tell(f"{new} has the primary after {time.monotonic() - began:.1f} s")
        lost.start()
        during.load.wait_until_served(time.monotonic(), BOOT_SECONDS)
    row = during.row
    # A request that the lost replica had confirmed waits for as long as its client.
    judge(during, wait_of_others=(row.wait[1], PRIMARY_GOAL), timer=(row.late, PRIMARY_GOAL))
    assert_kept(row)
    assert nodes_.replicas(ha_nodes.wait_until_whole()).keys() <= {*NAMES}


def _other(nodes: HaNodes, old: str) -> str:
    """The name of another node that has the primary; empty while none has."""
    found = nodes.primary().name
    return found if found != old else ""
