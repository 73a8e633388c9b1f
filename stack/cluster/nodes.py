"""Taking a node out of use and back."""

from __future__ import annotations

from datetime import UTC, datetime

from stack.cluster import converge, deploy, swarm
from stack.cluster.cluster import Cluster, Node
from stack.cluster.deploy import APP, APP_ONLY
from stack.core.console import Failure, say, step
from stack.core.polling import NeverHappened, wait_until

SECONDS = 120


def drain(cluster: Cluster, name: str, *, undo: bool) -> None:
    """Move a node's replicas to the others, or let it take replicas again."""
    node = find(cluster, name)
    since = datetime.now(UTC)
    if not undo:
        _require_room_elsewhere(cluster, node)
    _set(cluster, node, "active" if undo else "drain")
    if undo:
        say(f"✓ {node.name} takes replicas again.", "green")
        number = deploy.running_numbers(cluster).get(APP, 1)
        say(f"Those that run stay where they are; to spread them: inv cluster.scale {APP}={number}")
        return
    is_ready = node.state == "ready"  # else Swarm cannot know what runs there
    try:
        with step(f"Moving what runs on {node.name}") as detail:

            def left() -> bool:
                found = [
                    replica.service
                    for service in cluster.services()
                    for replica in cluster.replicas(service)
                    if replica.node == node.id and replica.state == "running" and is_ready
                ]
                detail(", ".join(found))
                return not found

            wait_until("an empty node", left, seconds=SECONDS, every=0.5)
    except NeverHappened as error:
        raise Failure(
            f"{node.name} still runs replicas after {SECONDS} s.",
            f"See them: inv cluster.status   or use it again: inv cluster.drain {node.name} --undo",
        ) from error
    # What has data waits for this node.
    converge.wait(cluster, since=since, only=APP_ONLY)
    say(f"✓ {node.name} is empty. To use it again: inv cluster.drain {node.name} --undo", "green")


def look_again(cluster: Cluster) -> None:
    """Let Swarm look again at nodes that have no Traefik, as it may overlook one that joins.

    Each update of a node makes it compare what runs there with what is to, also one that changes
    nothing. Where not each node is to have one (CLUSTER_TRAEFIK_ON), that does no harm.
    """
    have = {replica.node for replica in cluster.replicas(converge.TRAEFIK)}
    for node in cluster.nodes():
        if node.takes_replicas and node.id not in have:
            found = cluster.client.nodes.get(node.id)
            found.update(found.attrs["Spec"])


def find(cluster: Cluster, name: str) -> Node:
    """A node by its name or id. Raises Failure."""
    nodes = cluster.nodes()
    found = next((node for node in nodes if name in {node.name, node.id}), None)
    if found is None:
        raise Failure(
            f"There is no node {name} in the cluster.",
            f"Type one of: {', '.join(node.name for node in nodes)}",
        )
    return found


def _require_room_elsewhere(cluster: Cluster, node: Node) -> None:
    others = [other for other in cluster.nodes() if other.takes_replicas and other.id != node.id]
    if not others:
        raise Failure(
            f"{node.name} is the only node that takes replicas.",
            "Add another one first: inv cluster.join",
        )
    label = swarm.data_label(cluster.name)
    stays = [
        service
        for service in cluster.services()
        if service in {"db", "mqtt"} and any(r.node == node.id for r in cluster.replicas(service))
    ]
    if label in _labels(cluster, node) and stays:
        raise Failure(
            f"{node.name} has the files of {' and '.join(stays)}, which no other node has.",
            "Move the database to several nodes first: docs/cluster-database.md",
        )


def _labels(cluster: Cluster, node: Node) -> dict[str, str]:
    found = cluster.client.nodes.get(node.id).attrs["Spec"].get("Labels") or {}
    return dict(found)


def _set(cluster: Cluster, node: Node, availability: str) -> None:
    found = cluster.client.nodes.get(node.id)
    found.update({**found.attrs["Spec"], "Availability": availability})
