"""The cluster's networks over all nodes, and which of them the app trusts.

They are made before the stack: the app has to know the addresses of `front`, from which Traefik
sends the clients' addresses. Containers may join by hand (`attachable`), for one command beside the
replicas.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from stack.cluster.cluster import FOLDER_LABEL, STACK_LABEL, Cluster
from stack.core.console import say, step
from stack.core.polling import NeverHappened, wait_until

if TYPE_CHECKING:
    from docker.models.networks import Network

INTERNAL = {"default": False, "inside": True, "front": True, "docker-api": True}
"""The networks of compose/cluster.yml, and whether each leads nowhere else."""

OF_MEMBERS = {"database": True}
"""That of compose/cluster-ha.yml."""

SECONDS_TO_END = 30


def ensure(cluster: Cluster) -> dict[str, Network]:
    """Make those that are missing; all of them, by their short names."""
    found = {network.name: network for network in cluster.client.networks.list()}
    made = {}
    wanted = {**INTERNAL, **(OF_MEMBERS if cluster.project.is_highly_available else {})}
    for name, internal in wanted.items():
        full = f"{cluster.name}_{name}"
        made[name] = found.get(full) or _create(cluster, full, internal)
    return made


def _create(cluster: Cluster, name: str, internal: bool) -> Network:
    return cluster.client.networks.create(
        name,
        driver="overlay",
        scope="swarm",
        attachable=True,
        internal=internal,
        check_duplicate=True,
        labels={STACK_LABEL: cluster.name, FOLDER_LABEL: str(cluster.root.resolve())},
    )


def subnet(network: Network) -> str:
    """Its addresses, e.g. `10.0.3.0/24`, which Swarm has chosen."""

    def chosen() -> str:
        network.reload()
        ranges = network.attrs["IPAM"]["Config"] or [{}]
        return str(ranges[0].get("Subnet", ""))

    return wait_until(f"addresses for {network.name}", chosen, seconds=15)


def remove(cluster: Cluster) -> None:
    """Remove them, once the last replica has left.

    A container whose attachment failed can leave a task at which Swarm goes on to hold a network.
    Such a network does no harm, so this is told and no failure.
    """
    from docker.errors import APIError

    def removed() -> bool:
        filters = {"label": f"{STACK_LABEL}={cluster.name}"}
        for network in cluster.client.networks.list(filters=filters):
            with contextlib.suppress(APIError):  # the others can be removed
                network.remove()
        return not cluster.client.networks.list(filters=filters)

    try:
        with step("Removing the networks"):
            wait_until(
                "networks that nothing uses", removed, seconds=SECONDS_TO_END, ignoring=(APIError,)
            )
    except NeverHappened:
        say("Swarm holds a network for a task that is gone; the next inv cluster uses it again.")
