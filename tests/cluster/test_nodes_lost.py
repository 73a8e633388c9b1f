"""A node of the cluster is lost, comes back, and is cut off for a time."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from stack.core.polling import wait_until
from tests.cluster import nodes as nodes_
from tests.cluster.clients import using
from tests.cluster.conftest import Tell
from tests.cluster.leading import (
    REPLACED_WITHIN,
    let_another_lead,
    moment,
    wait_for_another_leader,
    wait_until_elsewhere,
)
from tests.cluster.nodes import NAMES, Node, Nodes
from tests.faults.load import Sensors
from tests.support.panel import Panel

LEADS_WITHIN = 10
"""Seconds until another worker leads."""
OTHERS_GAP = 6
"""Seconds for which a client of another node may get no answer: 3 s until Traefik gives up its
connection to a replica that vanished, 1 s for another connection there, and a slow machine."""
SOCKETS_BACK = 30
"""Seconds until WebSockets are there again whose replica vanished: a page asks each 15 s."""
CUT_SECONDS = 30


def test_a_lost_node_with_the_leader_on_it(
    nodes: Nodes, panels: list[Panel], sensors: Sensors, tell: Tell
) -> None:
    lost = let_another_lead(nodes)
    assert lost is not nodes.first
    others = [panel for panel in panels if panel.url != lost.url]
    session = nodes.leaders_session()
    with using(others, sensors) as clients:
        began = time.monotonic()
        lost.kill()
        wait_for_another_leader(nodes, session)
        led = time.monotonic() - began
        tell(f"another worker leads after {led:.1f} s")
        wait_until_elsewhere(nodes, lost)
        tell(f"three replicas run on the two others after {time.monotonic() - began:.0f} s")
        clients.wait_until_served(began, 30)
    tell(clients.told(began))
    missing = clients.acknowledged() - nodes.reports()
    tell(f"{len(clients.acknowledged())} acknowledged, {len(missing)} missing")
    assert led <= LEADS_WITHIN
    assert clients.acknowledged()
    assert not missing
    assert clients.longest_gap() <= OTHERS_GAP, clients.failures()
    assert clients.sockets_back(began) <= SOCKETS_BACK


@pytest.fixture
def lost(nodes: Nodes, spread: dict[str, int]) -> Node:
    """The node that is down; the third one, if all are up."""
    down = [node["name"] for node in nodes.status()["nodes"] if node["state"] != "ready"]
    node = nodes.named(down[0]) if down else nodes.all[2]
    if not down:
        node.kill()
        wait_until_elsewhere(nodes, node)
    return node


def test_a_lost_node_comes_back_and_takes_replicas(
    nodes: Nodes, panels: list[Panel], lost: Node, tell: Tell
) -> None:
    began = time.monotonic()
    lost.start()
    panel = panels[nodes.all.index(lost)]
    panel.wait_until_ready(REPLACED_WITHIN)
    tell(f"its port answers {time.monotonic() - began:.0f} s after its start")
    nodes.wait_until_whole()
    nodes.inv("cluster.scale", "app=3")
    assert nodes_.replicas(nodes.wait_until_whole()) == dict.fromkeys(NAMES, 1)


def test_a_node_that_is_cut_off_gives_up_the_lead(
    nodes: Nodes, panels: list[Panel], sensors: Sensors, tell: Tell
) -> None:
    cut = let_another_lead(nodes)
    others = [panel for panel in panels if panel.url != cut.url]
    session = nodes.leaders_session()
    with using(others, sensors) as clients:
        began, cut_at = time.monotonic(), datetime.now(UTC)
        with cut.cut_off():
            wait_for_another_leader(nodes, session)
            led = time.monotonic() - began
            given_up = moment(cut, "The worker waits for the database", since=cut_at)
            what = "the end of the cut"
            wait_until(what, lambda: time.monotonic() - began > CUT_SECONDS, seconds=CUT_SECONDS)
        over = time.monotonic()
        leads = nodes.named(nodes_.leader(nodes.wait_until_whole()))
        tell(f"whole again {time.monotonic() - over:.0f} s after the end of the cut")
        clients.wait_until_served(over, 30)
    taken = moment(leads, "This worker leads.", since=cut_at)
    tell(
        f"given up {(given_up - cut_at).total_seconds():.1f} s after the cut, taken over "
        f"{(taken - cut_at).total_seconds():.1f} s after it, seen {led:.1f} s after it"
    )
    tell(clients.told(began))
    missing = clients.acknowledged() - nodes.reports()
    tell(f"{len(clients.acknowledged())} acknowledged, {len(missing)} missing")
    assert leads is not cut
    assert led <= LEADS_WITHIN
    assert (given_up - cut_at).total_seconds() <= LEADS_WITHIN
    assert clients.acknowledged()
    assert not missing
    assert clients.longest_gap() <= OTHERS_GAP, clients.failures()
