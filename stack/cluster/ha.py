"""The highly available database of a cluster: where its members belong, and what they say.

compose/cluster-ha.yml has three members (PostgreSQL with Patroni), three etcd and HAProxy. A member
stays on one data node, which a label marks: docs/cluster-database.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stack.config import secrets
from stack.core.console import Failure

if TYPE_CHECKING:
    from pathlib import Path

    from docker.models.containers import Container

LABEL = "alarm.data"
"""A node's label: the number of the member and of the etcd that it has."""

NUMBERS = ("1", "2", "3")

MEMBERS = tuple(f"postgres{number}" for number in NUMBERS)

SECRETS = {
    "database_superuser_password": 32,
    "database_replication_password": 32,
    "database_api_password": 32,
}
"""How many random bytes each secret of the members has."""

BEHIND = 16 * 1024**2
"""Bytes after which a standby is called behind: one file of the write-ahead log."""


@dataclass(frozen=True)
class Node:
    """A node of the swarm, as far as data on it are concerned."""

    id: str
    name: str
    labels: Mapping[str, str]
    is_ready: bool


@dataclass(frozen=True)
class Member:
    """A database server, as it describes itself."""

    name: str
    role: str
    """`primary`, `replica`, or empty where it does not answer."""
    state: str
    """Patroni's word: `running`, `starting`, `stopped`, …"""
    timeline: int | None = None
    position: int | None = None
    """Where its write-ahead log ends, in bytes."""
    acknowledges: bool = False
    """Whether the primary counts it among those of which one must have a commit."""
    is_on_its_own: bool = False
    """Whether it is the primary without etcd, because all members follow it (`failsafe_mode`)."""


@dataclass(frozen=True)
class Database:
    """The members and the etcd, at one moment."""

    members: tuple[Member, ...]
    etcd: Mapping[str, bool | None]
    """By name, whether it sees a quorum; None where it does not answer."""

    @property
    def primaries(self) -> list[Member]:
        return [member for member in self.members if member.role == "primary"]

    @property
    def has_quorum(self) -> bool:
        return sum(map(bool, self.etcd.values())) > len(self.etcd) // 2

    def lag(self, member: Member) -> int | None:
        """Bytes that a member has still to receive; None where that is not known."""
        if len(self.primaries) != 1:
            return None
        end = self.primaries[0].position
        if end is None or member.position is None:
            return None
        return max(0, end - member.position)


def ensure_secrets(root: Path) -> list[Path]:
    """Write the members' secrets that are missing; return what was written. Raises OSError."""
    return secrets.ensure(root, SECRETS)


def labels(nodes: Iterable[Node]) -> dict[str, str]:
    """By a node's id, the number that it is to get as its label. A node with a number keeps it.

    Raises Failure where three nodes are not to be had, or two have one number.
    """
    found = list(nodes)
    taken: dict[str, Node] = {}
    for node in found:
        number = node.labels.get(LABEL, "")
        if number not in NUMBERS:
            continue
        if number in taken:
            raise Failure(
                f"Two nodes have the data of number {number}: {taken[number].name}, {node.name}.",
                f"Remove the label of the one without: docker node update --label-rm {LABEL} NODE",
            )
        taken[number] = node
    free = [node for node in found if node.is_ready and node not in taken.values()]
    missing = [number for number in NUMBERS if number not in taken]
    if len(free) < len(missing):
        raise Failure(
            f"A database with failover needs {len(NUMBERS)} nodes that are ready; there are"
            f" {len(taken) + len(free)}.",
            "Add nodes with what this prints: inv cluster.join",
        )
    return {node.id: number for number, node in zip(missing, free, strict=False)}


def facts(container: Container) -> Database:
    """What the members say, asked in a container of the network `database`. Raises Failure."""
    asked = container.exec_run(["database-facts"], stderr=False)
    if asked.exit_code != 0:
        raise Failure(
            f"The database's members cannot be asked in {container.name}.",
            f"Its log says why: docker logs {container.name}",
        )
    assert isinstance(asked.output, bytes)
    return parsed(json.loads(asked.output))


def parsed(answers: Mapping[str, Any]) -> Database:
    """The facts out of what docker/cluster/database-facts prints."""
    members = tuple(_member(name, said) for name, said in answers["members"].items())
    return Database(members, answers["etcd"])


def _member(name: str, said: Mapping[str, Any] | None) -> Member:
    if said is None:
        return Member(name, "", "does not answer")
    log = said.get("xlog", {})
    return Member(
        name,
        said.get("role", ""),
        said.get("state", ""),
        said.get("timeline"),
        log.get("location", log.get("received_location")),
        bool(said.get("quorum_standby") or said.get("sync_standby")),
        bool(said.get("failsafe_mode_is_active")),
    )


def update_order(database: Database) -> list[str]:
    """The services with data, in the order in which to replace their containers.

    One at a time, each only while there are no problems: `docker stack deploy` would replace all of
    them at once. The primary comes last, as its end is a failover.
    """
    primaries = [member.name for member in database.primaries]
    standbys = [member.name for member in database.members if member.name not in primaries]
    return [*sorted(database.etcd), *standbys, *primaries]


def problems(database: Database) -> list[str]:
    """What is wrong, one sentence each; the gravest comes first."""
    return [*_of_primary(database), *_of_etcd(database), *_of_members(database)]


def _of_primary(database: Database) -> list[str]:
    names = [member.name for member in database.primaries]
    if not names:
        return ["The database has no primary: nothing can be written."]
    if names[1:]:
        return [f"{' and '.join(names)} call themselves the primary; one of them is stepping down."]
    return []


def _of_etcd(database: Database) -> list[str]:
    away = [f"{name} does not answer." for name, said in database.etcd.items() if said is None]
    if database.has_quorum:
        return away
    return ["etcd has no quorum: no other member can become the primary.", *away]


def _of_members(database: Database) -> list[str]:
    found = []
    for member in database.members:
        lag = database.lag(member)
        if not member.role:
            found.append(f"{member.name} does not answer.")
        elif member.state != "running":
            found.append(f"{member.name} is {member.state}.")
        elif lag is not None and lag > BEHIND:
            found.append(f"{member.name} is behind by {lag // 1024**2} MiB.")
    standbys = [member for member in database.members if member.acknowledges]
    if database.primaries and not standbys:
        found.append("No standby has the newest commits: without the primary, nothing is written.")
    return found
