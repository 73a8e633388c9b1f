"""The members of a database with failover as services of the cluster: ha.py knows what they are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stack.cluster import converge, deploy, ha
from stack.cluster.cluster import STACK_LABEL, Cluster
from stack.cluster.deploy import Deployment
from stack.cluster.stack_file import Config
from stack.core.console import Failure, step
from stack.core.polling import NeverHappened, wait_until

if TYPE_CHECKING:
    from docker.models.containers import Container

ETCD = tuple(f"etcd{number}" for number in ha.NUMBERS)
SERVICES = (*ETCD, *ha.MEMBERS, "haproxy")
SERVICE_LABEL = "com.docker.swarm.service.name"
SECONDS = 180
"""How long a member may take until the database is whole again."""


def ensure(cluster: Cluster) -> None:
    """Make the members' secrets, and give each its node. Raises Failure for too few nodes."""
    if not cluster.project.is_highly_available:
        return
    ha.ensure_secrets(cluster.root)
    found = {node.attrs["ID"]: node for node in cluster.client.nodes.list()}
    for node_id, number in free_labels(cluster).items():
        spec = found[node_id].attrs["Spec"]
        found[node_id].update(
            {**spec, "Labels": {**_labels(found[node_id].attrs), ha.LABEL: number}}
        )


def free_labels(cluster: Cluster) -> dict[str, str]:
    """By a node's id, the number that it is to get. Raises Failure for too few nodes."""
    own = cluster.node().id
    # This node first: its members can be asked from here.
    return ha.labels(sorted(_nodes(cluster), key=lambda node: node.id != own))


def _nodes(cluster: Cluster) -> list[ha.Node]:
    found = {node.attrs["ID"]: node for node in cluster.client.nodes.list()}
    return [
        ha.Node(node.id, node.name, _labels(found[node.id].attrs), node.takes_replicas)
        for node in cluster.nodes()
    ]


def _labels(attrs: dict[str, dict[str, dict[str, str]]]) -> dict[str, str]:
    return dict(attrs["Spec"].get("Labels") or {})


def run(cluster: Cluster) -> bool:
    """Whether the members have been deployed."""
    return set(SERVICES) <= cluster.services().keys()


def facts(cluster: Cluster) -> ha.Database | None:
    """What the members say; None where none of them runs on this machine. Raises Failure."""
    container = _container(cluster)
    return ha.facts(container) if container else None


def problems(cluster: Cluster) -> list[str]:
    """What is wrong with the database, for people; nothing of one without failover."""
    if not cluster.project.is_highly_available or not run(cluster):
        return []
    try:
        found = facts(cluster)
    except Failure as failure:
        return [failure.what]
    if found is None:
        return ["The database's members cannot be asked from this node, which has none of them."]
    return ha.problems(found)


def hand_over_others(deployment: Deployment, made: Config) -> None:
    """Let Swarm run what the file says, but for the members, which only `update` replaces."""
    if not run(deployment.cluster):
        deploy.hand_over(deployment, made, prune=True)
        return
    others = frozenset(made["services"]) - {*SERVICES}
    # What is not in the file would be removed.
    deploy.hand_over(deployment, deploy.only_services(made, others), prune=False)


def _container(cluster: Cluster) -> Container | None:
    """A container of the members' network on this machine, HAProxy's first."""
    label = f"{STACK_LABEL}={cluster.name}"
    containers = cluster.client.containers.list(filters={"label": label}, ignore_removed=True)
    by_name = {c.labels[SERVICE_LABEL].removeprefix(f"{cluster.name}_"): c for c in containers}
    return next((by_name[name] for name in reversed(SERVICES) if name in by_name), None)


def update(deployment: Deployment, made: Config) -> None:
    """Replace members that have changed one by one, each only while the database is whole."""
    cluster = deployment.cluster
    found = facts(cluster)
    if found is None:
        having = [node.name for node in _nodes(cluster) if ha.LABEL in node.labels]
        raise Failure(
            "This node has no member of the database, so it cannot be asked whether all are well.",
            f"Type the command on a node that has one: {', '.join(having)}",
        )
    order = ha.update_order(found)
    for name in (*order, "haproxy"):
        _wait_until_whole(cluster)
        since = datetime.now(UTC)
        one = deploy.only_services(made, frozenset({name}))
        deploy.hand_over(deployment, one, prune=False, title=f"Bringing {name} up to date")
        title = f"Waiting until {name} is ready"
        converge.wait(cluster, since=since, title=title, only=frozenset({name}))
    _wait_until_whole(cluster)


def _wait_until_whole(cluster: Cluster) -> None:
    """Raises Failure where a member stays away: another one must not be stopped then."""

    def whole() -> bool:
        return not problems(cluster)

    if whole():
        return
    try:
        with step("Waiting until the database is whole"):
            wait_until("all members", whole, seconds=SECONDS, every=1)
    except NeverHappened as error:
        what = " ".join(problems(cluster))
        raise Failure(
            f"The database is not whole, so no member is replaced: {what}",
            "See docs/cluster-database.md, and: inv cluster.status",
        ) from error
