"""The tables of docs/scale.md: each measured line, and what follows from them on paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.bench.cluster import paper
from tests.bench.cluster.paper import Cluster, Costs, Limit

SIZES = ((2, 4), (8, 16))
"""Cores and GiB of a node."""

NODES = (1, 2, 3, 4, 8)
SOCKETS = (10, 100, 1_000, 10_000)


def all_of(found: Mapping[str, Any]) -> str:
    """Every table, with its name in front."""
    return "".join(f"{name}\n\n{table}\n\n" for name, table in tables(found).items())


def tables(found: Mapping[str, Any]) -> dict[str, str]:
    """By name: where the figures come from, what was measured, and what clusters hold."""
    costs = paper.costs(found)
    return {
        "origin": origin(found["origin"]),
        "costs": each(costs),
        "lines": measured(found),
        **{f"{cores} cores": clusters_of(costs, cores, gib) for cores, gib in SIZES},
        "homes": homes(costs),
    }


def origin(of: Mapping[str, Any]) -> str:
    """Where and when the figures were made."""
    load = ", ".join(f"{one:g}" for one in of["load"])
    software = ", ".join(f"{name} {value}" for name, value in of["stack"].items())
    return _table(
        ("", ""),
        [
            ("command", f"`{of['command']}`"),
            ("when", of["at"]),
            ("machine", f"{of['cores']} cores ({of['processor']}), {of['memory_GiB']} GiB"),
            ("system", of["system"]),
            ("software", software),
            ("load average, from begin to end", load),
        ],
    )


def each(c: Costs) -> str:
    """The costs with which the page computes."""

    def row(what: str, *micro: float | None) -> tuple[str, ...]:
        return (what, *("" if one is None else f"{number(one, 2)} µs" for one in micro))

    db = c.change_db
    beyond = c.idle_replica + c.idle_leader
    rows = [
        row("a read of the alarm's state", c.read, c.read_db, c.read_traefik),
        row("a change, where it arrives; 1 replica", c.change.base, db.at(1), None),
        row("a change, for each more replica", c.change.slope, db.slope, None),
        row("a change, for each socket that is told", c.told, None, c.told_traefik),
        row("an open socket, a second", c.held, c.held_db, c.held_traefik),
        row("idle, a second; 1 replica", beyond, c.idle_db.at(1), c.idle_traefik.at(1)),
        row("idle, for each more replica", c.idle_replica, c.idle_db.slope, c.idle_traefik.slope),
        (
            "memory",
            *(f"{number(one / paper.MB, 2)} MB" for one in (c.replica_bytes, c.db_bytes)),
            f"{number(c.traefik_bytes / paper.MB, 2)} MB",
        ),
        (
            "memory of an open socket",
            f"{number(c.socket_bytes / 1000, 2)} kB",
            "",
            f"{number(c.traefik_socket_bytes / 1000, 2)} kB",
        ),
    ]
    return _table(("", "at a replica", "at the database", "at Traefik"), rows)


def measured(found: Mapping[str, Any]) -> str:
    """Each line with its points, and the largest distance of a point from it."""
    rows = []
    for name, one in found["lines"].items():
        unit, of = one["unit"], one["of"]
        points = " ".join(f"{x:g}:{number(y)}" for x, y in one["points"])
        worst = max(map(abs, one["residuals"]))
        slope = f"{_signed(one['slope'])} for each of the {of}"
        rows.append((name, f"{number(one['base'])} {unit}".strip(), slope, points, number(worst)))
    rows.append(("sessions of a replica after a burst", number(found["sessions_busy"]), "", "", ""))
    rows.append(("probes of one Traefik", f"{number(found['probe'])} µs/s", "", "", ""))
    head = ("what", "at 0", "and more", "measured", "largest residual")
    return _table(head, rows)


def clusters_of(costs: Costs, cores: int, gib: int) -> str:
    """What one installation on nodes of this size holds."""
    rows = []
    for nodes in NODES:
        one = Cluster(costs, nodes, cores, gib)
        most = one.sockets().most
        changes = [_limit(one.changes(sockets)) if sockets <= most else "-" for sockets in SOCKETS]
        rows.append(
            (str(nodes), _limit(one.wanted), _limit(one.reads()), _limit(one.sockets()), *changes)
        )
    head = (f"nodes of {cores} cores, {gib} GiB", "replicas", "reads/s", "idle sockets")
    return _table((*head, *(f"changes/s, {sockets:,} sockets" for sockets in SOCKETS)), rows)


def homes(costs: Costs) -> str:
    """How many installations that do little the same nodes hold."""
    rows = []
    for cores, gib in SIZES:
        for nodes in NODES:
            clusters = paper.homes_in_clusters(costs, nodes, cores, gib)
            alone = paper.homes_alone(costs, nodes, cores, gib)
            rows.append((f"{nodes} × {cores} cores, {gib} GiB", _limit(alone), _limit(clusters)))
    return _table(("nodes", "homes, each `inv prod`", "homes, each `inv cluster`"), rows)


def _limit(found: Limit) -> str:
    return f"{number(found.most, 2)} ({found.by})"


def number(value: float, digits: int = 3) -> str:
    """So many significant digits, with separated thousands; an estimate has two."""
    return f"{float(f'{value:.{digits}g}'):,.10g}"


def _signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'}{number(abs(value))}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
