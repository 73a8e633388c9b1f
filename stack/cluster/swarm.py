"""The swarm that the engine is in: making one, and the line with which another machine joins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stack.cluster import registry
from stack.cluster.cluster import Cluster
from stack.cluster.registry import Registry
from stack.config import dotenv
from stack.core.console import Failure, say, step

if TYPE_CHECKING:
    from docker import DockerClient

DATA = "data"
"""The label of the node that has the files of what has data, after the cluster's name."""
HERE = "here"
PORT = 2377
REFUSED = (
    "echo '✗ This machine did not join; the reason is above.' >&2; "
    "echo '  → For another line, as this one may be old, type there: inv cluster.join' >&2; false"
)
"""What the next machine says where the engine refuses to join."""

QUORUM = re.compile(
    "swarm does not have a leader|context deadline exceeded|no elected primary", re.I
)


def state(client: DockerClient) -> dict[str, Any]:
    """What the engine says of its swarm: LocalNodeState, ControlAvailable and others."""
    swarm: dict[str, Any] = client.info()["Swarm"]
    return swarm


def identity(client: DockerClient) -> str:
    """What no other swarm has, and all nodes of this one; the engine is a manager."""
    return str(state(client)["Cluster"]["ID"])


def is_member(client: DockerClient) -> bool:
    return bool(state(client)["LocalNodeState"] not in {"inactive", "pending"})


def require_manager(client: DockerClient) -> None:
    """Raise Failure unless the engine can be asked for the cluster: a manager, with a quorum."""
    found = state(client)
    if found["LocalNodeState"] in {"inactive", "pending"}:
        raise Failure("This machine is in no cluster.", "Type: inv cluster")
    if found["LocalNodeState"] == "locked":
        raise Failure(
            "This machine's swarm is locked since its engine was started.",
            "Type: docker swarm unlock",
        )
    if not found["ControlAvailable"]:
        managers = ", ".join(m["Addr"] for m in found.get("RemoteManagers") or [])
        raise Failure(
            f"This machine is a worker of a swarm; its managers: {managers or 'unknown'}.",
            "Type the command on one of them; or make this one a manager: docker node promote",
        )
    with quorum_needed():
        client.nodes.list()


@contextmanager
def quorum_needed() -> Iterator[None]:
    """Raise Failure where an error of the engine in the block means that most managers are away."""
    from docker.errors import APIError
    from requests.exceptions import RequestException

    try:
        yield
    except (APIError, RequestException) as error:
        if isinstance(error, APIError) and not QUORUM.search(str(error)):
            raise
        raise no_quorum() from error


def no_quorum() -> Failure:
    """The Failure where most managers are away: what runs goes on, and nothing can be changed."""
    return Failure(
        "Most managers of the swarm are away, so it cannot be asked or changed; what runs goes on.",
        "Start them again; if they are lost for good: docker swarm init --force-new-cluster",
    )


def init(client: DockerClient, root: Path) -> None:
    """Make this machine the first node of a swarm, unless it is a manager of one."""
    from docker.errors import APIError

    found = state(client)
    if found["LocalNodeState"] != "inactive":
        require_manager(client)
        return
    address = dotenv.setting(root, "CLUSTER_ADDRESS") or None
    try:
        with step("Making this machine the first node of a swarm"):
            client.swarm.init(advertise_addr=address, listen_addr=f"0.0.0.0:{PORT}")
    except APIError as error:
        said = str(error.explanation)
        if "multiple" in said or "could not choose" in said:
            found_here = ", ".join(re.findall(r"\d+\.\d+\.\d+\.\d+", said)) or "hostname -I"
            raise Failure(
                f"This machine has several addresses: {found_here}.",
                "Name the one that other nodes reach in .env: CLUSTER_ADDRESS=192.168.1.5",
            ) from error
        raise Failure(
            f"The engine cannot make a swarm: {said}",
            "Correct that; CLUSTER_ADDRESS in .env is the address that other nodes reach",
        ) from error


def label_data_node(cluster: Cluster) -> None:
    """Let this node have what has data, unless another one has it."""
    label = data_label(cluster.name)
    nodes = cluster.client.nodes.list()
    if any(label in node.attrs["Spec"].get("Labels", {}) for node in nodes):
        return
    own = cluster.client.info()["Swarm"]["NodeID"]
    node = next(node for node in nodes if node.id == own)
    spec = node.attrs["Spec"]
    node.update({**spec, "Labels": {**spec.get("Labels", {}), label: HERE}})


def unlabel_data_node(cluster: Cluster) -> None:
    """Let no node have it: there are no data of the cluster any more."""
    label = data_label(cluster.name)
    for node in cluster.client.nodes.list():
        spec = node.attrs["Spec"]
        if label in (labels := dict(spec.get("Labels") or {})):
            labels.pop(label)
            node.update({**spec, "Labels": labels})


def data_address(cluster: Cluster) -> str:
    """The address of the node that has the registry."""
    label = data_label(cluster.name)
    for node in cluster.client.nodes.list():
        if label in node.attrs["Spec"].get("Labels", {}):
            found = next(n for n in cluster.nodes() if n.id == node.attrs["ID"])
            return found.address
    return str(cluster.client.info()["Swarm"]["NodeAddr"])


def data_label(stack: str) -> str:
    """The label of the node with the data."""
    return f"{stack}.{DATA}"


def data_constraint(stack: str) -> str:
    """The constraint that keeps a service on the node with its files."""
    return f"node.labels.{data_label(stack)} == {HERE}"


def join_line(cluster: Cluster, used: Registry, *, manager: bool) -> str:
    """The command for the next machine, as root: it trusts the registry, and joins."""
    swarm = cluster.client.swarm
    swarm.reload()
    token = swarm.attrs["JoinTokens"]["Manager" if manager else "Worker"]
    address = cluster.client.info()["Swarm"]["NodeAddr"]
    host = f"[{address}]" if ":" in address else address
    trusting = registry.trust_command(used, cluster.root)
    join = f"docker swarm join --token {token} {host}:{PORT}"
    return f"{trusting + ' && ' if trusting else ''}{join} || {{ {REFUSED}; }}"


def tell_to_join(cluster: Cluster, used: Registry, *, manager: bool, rotate: bool) -> None:
    """Print the line for the next machine, and what it needs."""
    if rotate:
        _rotate(cluster, manager=manager)
    say(f"On the next machine, as root ({'a manager' if manager else 'a worker'}):")
    print(join_line(cluster, used, manager=manager))
    say("It needs an engine (./bootstrap inv engine), the same architecture, and the right time.")
    ports = [f"{PORT}/tcp", "7946/tcp+udp", "4789/udp"]
    if used.is_own:
        ports.append(f"{registry.port(cluster.root)}/tcp")
    say(f"Between the nodes these ports have to be open: {', '.join(ports)}.")
    say("Each machine with the line can join: keep it as a password.")
    again = f"inv cluster.join{' --manager' if manager else ''} --rotate"
    say(f"For a new line, which ends this one, type: {again}")
    managers = sum(node.role != "worker" for node in cluster.nodes())
    if not manager and managers < 3:
        say("Managers keep the cluster going: have three of them (inv cluster.join --manager).")


def _rotate(cluster: Cluster, *, manager: bool) -> None:
    """Let the earlier token be void."""
    if manager:
        cluster.client.swarm.update(rotate_manager_token=True)
    else:
        cluster.client.swarm.update(rotate_worker_token=True)
    say("The earlier line is good no more.")
