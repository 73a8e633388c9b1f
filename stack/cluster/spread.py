"""Spreading the app's replicas over the nodes, e.g. after another one has joined.

Swarm lets running replicas stay where they are. But it starts a new one where the fewest are, and
of too many it stops one where the most are. So some more are started, and as many stopped.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from stack.cluster import converge, service
from stack.cluster.cluster import Cluster
from stack.cluster.deploy import APP, APP_ONLY
from stack.core.console import Failure, say


def surplus(placed: Iterable[int], number: int) -> int:
    """How many replicas are too many where they are.

    `placed` are those of each node, and `number` are to be in all. Where none is too many, no node
    has two more than another.
    """
    found = sorted(placed, reverse=True)
    if not found:
        return 0
    each, more = divmod(number, len(found))
    fair = [each + (place < more) for place in range(len(found))]
    return sum(max(0, has - due) for has, due in zip(found, fair, strict=True))


def counts(cluster: Cluster) -> list[int]:
    """How many replicas of the app run on each node that takes some."""
    nodes = [
        replica.node
        for replica in cluster.replicas(APP)
        if replica.wanted == "running" and replica.state == "running"
    ]
    return [nodes.count(node.id) for node in cluster.nodes() if node.takes_replicas]


def spread(cluster: Cluster, number: int) -> None:
    """Move replicas, of which `number` run, to nodes with fewer; all the time so many serve."""
    more = surplus(counts(cluster), number)
    if not more:
        return
    since = datetime.now(UTC)
    try:
        service.set_number(cluster, number + more)
        title = "Starting replicas on the nodes that have fewer"
        converge.wait(cluster, since=since, title=title, only=APP_ONLY)
    except Failure as failure:
        say(f"The replicas stay where they are: {failure.what}")
    finally:
        service.set_number(cluster, number)
    converge.wait(cluster, since=since, title="Stopping those beside others", only=APP_ONLY)
