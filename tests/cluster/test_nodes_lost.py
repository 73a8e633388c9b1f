"""A node of the cluster is lost, comes back, and is cut off for a time."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from stack.core.polling import wait_until
from tests.cluster import nodes as nodes_
from tests.cluster.clients import using
from tests.cluster.conftest import Tell
from tests.cluster.nodes import NAMES, Node, Nodes
from tests.engines.nested import CommandFailed
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
REPLACED_WITHIN = 120
"""Seconds until Swarm takes a node that vanished for lost, and its replicas run elsewhere."""


def _let_another_lead(nodes: Nodes) -> Node:
    """Let a node lead that has no data; returns it."""
    if nodes_.leader(nodes.wait_until_whole()) == nodes.first.name:
        session = nodes.leaders_session()
        nodes.kill_replica(nodes.first)
        _wait_for_another_leader(nodes, session)
    return nodes.named(nodes_.leader(nodes.wait_until_whole()))


def _wait_for_another_leader(nodes: Nodes, session: str) -> None:
    """Wait until a worker leads whose session is another one."""
    known = {"", session}
    wait_until("another leader", lambda: nodes.leaders_session() not in known, seconds=60)


def test_a_lost_node_with_the_leader_on_it(
    nodes: Nodes, panels: list[Panel], sensors: Sensors, tell: Tell
) -> None:
    lost = _let_another_lead(nodes)
    assert lost is not nodes.first
    others = [panel for panel in panels if panel.url != lost.url]
    session = nodes.leaders_session()
    with using(others, sensors) as clients:
        began = time.monotonic()
        lost.kill()
        _wait_for_another_leader(nodes, session)
        led = time.monotonic() - began
        tell(f"another worker leads after {led:.1f} s")
        _wait_until_elsewhere(nodes, lost)
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


def _wait_until_elsewhere(nodes: Nodes, lost: Node) -> None:
    """Wait until Swarm says that a node is lost, and three replicas run on the others."""

    def are_elsewhere() -> bool:
        status = nodes.status()
        found = nodes_.replicas(status)
        found.pop(lost.name, None)
        return f"The node {lost.name} is down" in status["problems"] and sum(found.values()) == 3

    wait_until("replicas elsewhere", are_elsewhere, seconds=REPLACED_WITHIN, every=1)


@pytest.fixture
def lost(nodes: Nodes, spread: dict[str, int]) -> Node:
    """The node that is down; the third one, if all are up."""
    down = [node["name"] for node in nodes.status()["nodes"] if node["state"] != "ready"]
    node = nodes.named(down[0]) if down else nodes.all[2]
    if not down:
        node.kill()
        _wait_until_elsewhere(nodes, node)
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
    cut = _let_another_lead(nodes)
    others = [panel for panel in panels if panel.url != cut.url]
    session = nodes.leaders_session()
    with using(others, sensors) as clients:
        began, moment = time.monotonic(), datetime.now(UTC)
        with cut.cut_off():
            _wait_for_another_leader(nodes, session)
            led = time.monotonic() - began
            given_up = _moment(cut, "The worker waits for the database", since=moment)
            what = "the end of the cut"
            wait_until(what, lambda: time.monotonic() - began > CUT_SECONDS, seconds=CUT_SECONDS)
        over = time.monotonic()
        leads = nodes.named(nodes_.leader(nodes.wait_until_whole()))
        tell(f"whole again {time.monotonic() - over:.0f} s after the end of the cut")
        clients.wait_until_served(over, 30)
    taken = _moment(leads, "This worker leads.", since=moment)
    tell(
        f"given up {(given_up - moment).total_seconds():.1f} s after the cut, taken over "
        f"{(taken - moment).total_seconds():.1f} s after it, seen {led:.1f} s after it"
    )
    tell(clients.told(began))
    missing = clients.acknowledged() - nodes.reports()
    tell(f"{len(clients.acknowledged())} acknowledged, {len(missing)} missing")
    assert leads is not cut
    assert led <= LEADS_WITHIN
    assert (given_up - moment).total_seconds() <= LEADS_WITHIN
    assert clients.acknowledged()
    assert not missing
    assert clients.longest_gap() <= OTHERS_GAP, clients.failures()


def _moment(node: Node, words: str, *, since: datetime) -> datetime:
    """When a replica of a node logged words after `since`; waits for it."""

    def said() -> datetime | None:
        moment = node.last_said(words)
        return moment if moment > since else None

    return wait_until(words, said, seconds=30, ignoring=(CommandFailed,))
