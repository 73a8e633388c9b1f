"""What clusters of given sizes hold, by the measured costs; docs/scale.md explains it."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MICRO = 1e6
MB = 1e6
GIB = 2**30
MIB = 2**20

BUSY = 0.7
"""The part of the processors that is planned with; the rest is for peaks."""

MEMORY = 0.75
"""The part of a node's memory that is planned with; the rest is the system's and the engine's."""

CORES_OF_A_REPLICA = 2
"""ASGI_PROCESSES: each Daphne process is one thread of Python."""

LEAST_REPLICAS = 2
CONNECTIONS = 300 - 3
"""max_connections in compose/cluster-database.yml, less what PostgreSQL keeps for superusers."""

NETWORKS_OF_AN_ENGINE = 30
"""For which Docker has addresses by default, beside its own: default-address-pools."""

NETWORKS_OF_A_STACK = 2  # default and inside in compose/prod.yml
SESSION_READ_EVERY = 300  # seconds; READ_SESSION_EVERY in backend/realtime/consumers.py
SOCKETS_OF_A_REPLICA = 11_000  # limit_conn in docker/prod/nginx.conf
REPLICA_LIMIT = GIB  # bytes; APP_MEMORY in compose/prod.yml
TRAEFIK_LIMIT = 256 * MIB  # bytes; TRAEFIK_MEMORY in compose/cluster.yml


@dataclass(frozen=True)
class Linear:
    """`base + slope × x`."""

    base: float
    slope: float = 0.0

    def at(self, count: float) -> float:
        return self.base + self.slope * count


@dataclass(frozen=True)
class Costs:
    """Microseconds of processor time, a second or for each; bytes; seconds."""

    idle_replica: float
    idle_leader: float
    """Of the leading worker, beyond that of a replica."""
    probe: float
    """At a replica, of each Traefik."""
    idle_db: Linear
    idle_traefik: Linear
    read: float
    """At the replica."""
    read_traefik: float
    read_db: float
    change: Linear
    """At the replica where it arrives, and at each other one."""
    change_db: Linear
    lock: float
    """Seconds for which a change holds the alarm's row."""
    held: float
    """Of a socket, a second, at the replica."""
    held_traefik: float
    held_db: float
    told: float
    """Of a change, of a socket, at the replica."""
    told_traefik: float
    replica_bytes: float
    socket_bytes: float
    db_bytes: float
    traefik_bytes: float
    traefik_socket_bytes: float
    sessions: float
    """Of the database, of a replica that had much to do."""

    @property
    def held_everywhere(self) -> float:
        return self.held + self.held_traefik + self.held_db


def costs(found: Mapping[str, Any]) -> Costs:
    """From the figures that the bench has written."""

    def of(name: str) -> Linear:
        one = found["lines"][name]
        return Linear(one["base"], one["slope"])

    def mean(name: str) -> float:
        points = found["lines"][name]["points"]
        return statistics.fmean(y for _x, y in points)

    session = of("sessions read at a replica").slope / SESSION_READ_EVERY
    session_db = mean("session read at the database") / SESSION_READ_EVERY
    lock = of("statements of a change").base + of("pauses in a change's transaction").base
    return Costs(
        idle_replica=mean("idle replica"),
        idle_leader=mean("idle replica, worker leads") - mean("idle replica"),
        probe=found["probe"],
        idle_db=of("idle database"),
        idle_traefik=of("idle Traefik"),
        read=mean("read at the replica"),
        read_traefik=mean("read at Traefik"),
        read_db=mean("read at the database"),
        change=Linear(mean("change where it arrives"), mean("change at another replica")),
        change_db=of("change at the database"),
        lock=lock / 1000,
        held=of("held sockets at a replica").slope + session,
        held_traefik=of("held sockets at Traefik").slope,
        held_db=session_db,
        told=of("change told at a replica").slope,
        told_traefik=of("change told at Traefik").slope,
        replica_bytes=mean("memory of a replica") * MB,
        socket_bytes=of("memory of sockets at a replica").slope * 1000,
        db_bytes=mean("memory of the database") * MB,
        traefik_bytes=of("memory of Traefik").base * MB,
        traefik_socket_bytes=of("memory of sockets at Traefik").slope * 1000,
        sessions=found["sessions_busy"],
    )


@dataclass(frozen=True)
class Limit:
    """The least of several limits."""

    most: float
    by: str
    """What breaks first."""


def least(limits: Mapping[str, float]) -> Limit:
    by, most = min(limits.items(), key=lambda one: one[1])
    return Limit(max(0.0, most), by)


@dataclass(frozen=True)
class Cluster:
    """Nodes of one size that run one installation; the database is on one of them."""

    cost: Costs
    nodes: int
    cores: int
    gib: int

    @property
    def wanted(self) -> Limit:
        """How many replicas run: as many as the processors are for, or the database lets in."""
        by_cores = max(LEAST_REPLICAS, self.nodes * self.cores // CORES_OF_A_REPLICA)
        by_sessions = CONNECTIONS // self.cost.sessions
        return least({"processors": float(by_cores), "max_connections": by_sessions})

    @property
    def replicas(self) -> int:
        return int(self.wanted.most)

    @property
    def _of_threads(self) -> float:
        """Microseconds a second that the Daphnes' threads have."""
        return self.replicas * (CORES_OF_A_REPLICA * BUSY * MICRO - self.cost.idle_replica)

    @property
    def _processor(self) -> float:
        """Microseconds a second that are left when nothing is asked."""
        c, r = self.cost, self.replicas
        each = c.idle_replica + (self.nodes - 1) * c.probe
        used = r * each + c.idle_leader + c.idle_db.at(r) + self.nodes * c.idle_traefik.at(r)
        return self.nodes * self.cores * BUSY * MICRO - used

    @property
    def _of_database(self) -> float:
        """Microseconds a second that the database's node has for it."""
        return self.cores * BUSY * MICRO - self.cost.idle_db.at(self.replicas)

    def reads(self) -> Limit:
        """Requests a second that read the alarm's state."""
        c = self.cost
        return least(
            {
                "processors": self._processor / (c.read + c.read_traefik + c.read_db),
                "the Daphnes": self._of_threads / c.read,
                "the database": self._of_database / c.read_db,
            }
        )

    def sockets(self) -> Limit:
        """Sockets that are open while nothing changes, spread evenly."""
        c, r = self.cost, self.replicas
        fixed = r * c.replica_bytes + self.nodes * c.traefik_bytes + c.db_bytes
        room = self.nodes * self.gib * GIB * MEMORY - fixed
        return least(
            {
                "processors": self._processor / c.held_everywhere,
                "the Daphnes": self._of_threads / c.held,
                "memory": room / (c.socket_bytes + c.traefik_socket_bytes),
                "APP_MEMORY": r * (REPLICA_LIMIT - c.replica_bytes) / c.socket_bytes,
                "limit_conn": float(r * SOCKETS_OF_A_REPLICA),
                "TRAEFIK_MEMORY": self.nodes
                * (TRAEFIK_LIMIT - c.traefik_bytes)
                / c.traefik_socket_bytes,
            }
        )

    def changes(self, sockets: int) -> Limit:
        """Changes a second, each told to so many sockets that are spread evenly."""
        c, r = self.cost, self.replicas
        told = sockets * (c.told + c.told_traefik)
        everywhere = c.change.base + (r - 1) * c.change.slope + c.change_db.at(r) + told
        # At the replica where most has to be done, by several threads.
        at_one = c.change.slope + sockets / r * c.told
        left = self._processor - sockets * c.held_everywhere
        return least(
            {
                "the alarm's row": 1 / c.lock,
                "the database": self._of_database / c.change_db.at(r),
                "processors": left / everywhere,
                "the Daphnes": (self._of_threads - sockets * c.held) / r / at_one,
            }
        )


def homes_in_clusters(c: Costs, nodes: int, cores: int, gib: int) -> Limit:
    """Installations that do little, each a cluster of its own on the same nodes."""
    r = LEAST_REPLICAS
    each = c.idle_replica + (nodes - 1) * c.probe
    spent = r * each + c.idle_leader + c.idle_db.at(r) + nodes * c.idle_traefik.at(r)
    kept = r * c.replica_bytes + c.db_bytes + nodes * c.traefik_bytes
    return _homes(nodes * cores, nodes * gib, spent, kept)


def homes_alone(c: Costs, nodes: int, cores: int, gib: int) -> Limit:
    """Installations that do little, each an `inv prod` on one of the nodes."""
    spent = c.idle_replica - c.probe + c.idle_leader + c.idle_db.at(1)
    found = _homes(cores, gib, spent, c.replica_bytes + c.db_bytes)
    networks = float(NETWORKS_OF_AN_ENGINE // NETWORKS_OF_A_STACK)
    each = least({found.by: found.most, "the engine's networks": networks})
    return Limit(nodes * each.most, each.by)


def _homes(cores: int, gib: int, spent: float, kept: float) -> Limit:
    return least(
        {
            "processors": float(cores * BUSY * MICRO // spent),
            "memory": float(gib * GIB * MEMORY // kept),
        }
    )
