"""A cluster that runs: what Swarm says of its nodes, services and replicas."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stack.cluster.project import ClusterProject
from stack.compose.project import STACK_LABEL as STACK_LABEL

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.services import Service

FOLDER_LABEL = "alarm.cluster.folder"
"""On a stack's networks: the checkout that the cluster is of."""

ENDED = {"complete", "shutdown", "failed", "rejected", "remove", "orphaned"}
"""States in which a task runs no more: https://docs.docker.com/engine/swarm/how-swarm-mode-works/swarm-task-states/"""


@dataclass(frozen=True)
class Node:
    """A machine of the swarm."""

    id: str
    name: str
    address: str
    state: str
    """`ready`, or `down` where the managers do not hear of it."""
    availability: str
    """`active`, `pause` or `drain`."""
    role: str
    """`leader`, `manager`, `unreachable manager` or `worker`."""
    architecture: str
    memory: int
    """In bytes."""
    engine: str

    @property
    def takes_replicas(self) -> bool:
        return self.state == "ready" and self.availability == "active"


@dataclass(frozen=True)
class Replica:
    """A task of a service: one container, on one node."""

    id: str
    service: str
    slot: int
    node: str
    """The node's id."""
    state: str
    wanted: str
    """`running`, or `shutdown` for one that is to end."""
    error: str
    container: str
    """The container's id; empty before there is one."""
    image: str
    addresses: tuple[str, ...]
    """In the cluster's networks, with the networks' lengths."""
    since: str
    spec: dict[str, Any]

    @property
    def runs(self) -> bool:
        return self.state == "running" and self.wanted == "running"


@dataclass(frozen=True)
class Cluster:
    """The stack of a checkout in the swarm of this machine's engine, which is a manager."""

    project: ClusterProject

    @property
    def root(self) -> Path:
        return self.project.root

    @property
    def name(self) -> str:
        return self.project.name

    @property
    def client(self) -> DockerClient:
        return self.project.client

    def nodes(self) -> list[Node]:
        """All nodes, by name."""
        return sorted(map(_node, self.client.nodes.list()), key=lambda node: node.name)

    def node(self) -> Node:
        """The node that is this machine."""
        own = self.client.info()["Swarm"]["NodeID"]
        return next(node for node in self.nodes() if node.id == own)

    def services(self) -> dict[str, Service]:
        """The stack's services, by their names in the compose files."""
        found = self.client.services.list(filters={"label": f"{STACK_LABEL}={self.name}"})
        return {short_name(self.name, service.name): service for service in found}

    def service(self, name: str) -> Service | None:
        """One of them."""
        return self.services().get(name)

    def replicas(self, service: str) -> list[Replica]:
        """The tasks of a service that have not ended, and are meant to run or still do."""
        return [r for r in self.all_replicas(service) if r.state not in ENDED]

    def all_replicas(self, service: str) -> list[Replica]:
        """The tasks of a service that Swarm remembers, the newest first."""
        filters = {"service": f"{self.name}_{service}"}
        found = self.client.api.tasks(filters)  # type: ignore[no-untyped-call]  # no types
        made = sorted(found, key=lambda task: str(task["CreatedAt"]), reverse=True)
        return [_replica(service, task) for task in made]

    def is_up(self) -> bool:
        """Whether the stack is deployed."""
        return bool(self.services())


def short_name(stack: str, service: str) -> str:
    """`app` of `alarm-3f9a1c-cluster_app`."""
    return service.removeprefix(f"{stack}_")


def _node(node: Any) -> Node:
    attrs = node.attrs
    description, manager = attrs.get("Description", {}), attrs.get("ManagerStatus")
    role = str(attrs["Spec"]["Role"])
    if manager:
        role = "leader" if manager.get("Leader") else "manager"
        if manager.get("Reachability") != "reachable":
            role = "unreachable manager"
    address = str(attrs["Status"].get("Addr", ""))
    if address in {"", "0.0.0.0", "127.0.0.1"} and manager:
        address = str(manager.get("Addr", "")).rpartition(":")[0]
    return Node(
        id=attrs["ID"],
        name=attrs["Spec"].get("Name") or description.get("Hostname", ""),
        address=address,
        state=attrs["Status"]["State"],
        availability=attrs["Spec"]["Availability"],
        role=role,
        architecture=description.get("Platform", {}).get("Architecture", ""),
        memory=description.get("Resources", {}).get("MemoryBytes", 0),
        engine=description.get("Engine", {}).get("EngineVersion", ""),
    )


def _replica(service: str, task: dict[str, Any]) -> Replica:
    status, spec = task["Status"], task["Spec"]
    attached = task.get("NetworksAttachments") or []
    return Replica(
        id=task["ID"],
        service=service,
        slot=task.get("Slot", 0),
        node=task.get("NodeID", ""),
        state=status["State"],
        wanted=task["DesiredState"],
        error=status.get("Err", ""),
        container=(status.get("ContainerStatus") or {}).get("ContainerID", ""),
        image=spec["ContainerSpec"]["Image"],
        addresses=tuple(a for network in attached for a in network.get("Addresses") or ()),
        since=status["Timestamp"],
        spec=spec,
    )
