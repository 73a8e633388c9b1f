"""Which node has the leading worker, and when a lead began and ended."""

from __future__ import annotations

from datetime import datetime

from stack.core.polling import wait_until
from tests.cluster import nodes as nodes_
from tests.cluster.nodes import Node, Nodes
from tests.engines.nested import CommandFailed

REPLACED_WITHIN = 120
"""Seconds until Swarm takes a node that vanished for lost, and its replicas run elsewhere."""


def let_another_lead(nodes: Nodes) -> Node:
    """Let a node lead that has no data; returns it."""
    if nodes_.leader(nodes.wait_until_whole()) == nodes.first.name:
        session = nodes.leaders_session()
        nodes.kill_replica(nodes.first)
        wait_for_another_leader(nodes, session)
    return nodes.named(nodes_.leader(nodes.wait_until_whole()))


def wait_for_another_leader(nodes: Nodes, session: str) -> None:
    """Wait until a worker leads whose session is another one."""
    known = {"", session}
    wait_until("another leader", lambda: nodes.leaders_session() not in known, seconds=60)


def wait_until_elsewhere(nodes: Nodes, lost: Node) -> None:
    """Wait until Swarm says that a node is lost, and three replicas run on the others."""

    def are_elsewhere() -> bool:
        status = nodes.status()
        found = nodes_.replicas(status)
        found.pop(lost.name, None)
        return f"The node {lost.name} is down" in status["problems"] and sum(found.values()) == 3

    wait_until("replicas elsewhere", are_elsewhere, seconds=REPLACED_WITHIN, every=1)


def moment(node: Node, words: str, *, since: datetime) -> datetime:
    """When a replica of a node logged words after `since`; waits for it."""

    def said() -> datetime | None:
        found = node.last_said(words)
        return found if found > since else None

    return wait_until(words, said, seconds=30, ignoring=(CommandFailed,))
