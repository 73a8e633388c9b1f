"""The path `cluster` of the bench: its measurements, their lines, and the files of the figures."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stack.core.console import say
from tests.bench import report
from tests.bench.cluster import sockets, steps, tables
from tests.bench.cluster.fit import Line, Points, line
from tests.bench.cluster.replicas import replicas
from tests.bench.cluster.reports import Sensors
from tests.bench.cluster.sockets import OfSockets
from tests.bench.cluster.steps import Step
from tests.bench.row import Row
from tests.bench.testbed import Testbed

COUNTS = (8, 4, 2, 1)
"""Numbers of replicas. Downwards, because starting takes longer than stopping."""

LAST_BEGINS = 330
"""Seconds after which no other number of replicas is measured: the machine is too busy for it."""

COMMAND = "nox -s bench -- --only cluster"
KB = 1000


def costs(testbed: Testbed) -> list[Row]:
    """Measure with 8, 4, 2 and 1 replicas; write .bench/cluster.json and .bench/cluster.md."""
    began, load = time.monotonic(), [os.getloadavg()[0]]
    with replicas(testbed, max(COUNTS)) as (running, panel):
        sensors = Sensors.make(panel)
        most = steps.step(running, panel, sensors, max(COUNTS))
        probe = steps.probes(running, most)
        held = sockets.held(running, panel, sensors, most)
        measured = [most]
        for count in COUNTS[1:]:
            load.append(os.getloadavg()[0])
            if time.monotonic() - began < LAST_BEGINS:
                measured.insert(0, steps.step(running, panel, sensors, count))
            else:
                say(f"There is no time left for {count} replicas.", style="yellow")
        busy = steps.sessions_after_burst(running, panel)
        load.append(os.getloadavg()[0])
        facts = {"engine": str(testbed.client.version()["Version"]), **testbed.facts()}
        facts["PostgreSQL"] = running.ask("SHOW server_version")[0]
    found = {
        "origin": _origin(facts, load),
        **{"probe": probe, "sessions_busy": busy},
        "lines": {one.name: one.as_json() for one in lines(measured, held)},
        "steps": [asdict(one) for one in measured],
    }
    report.FOLDER.mkdir(exist_ok=True)
    text = json.dumps(found, indent=1, ensure_ascii=False)
    (report.FOLDER / "cluster.json").write_text(text + "\n", encoding="utf-8")
    (report.FOLDER / "cluster.md").write_text(tables.all_of(found), encoding="utf-8")
    return rows(found)


def lines(measured: Sequence[Step], held: OfSockets) -> list[Line]:
    """What grows with replicas or sockets, or turns out not to."""
    found = [*_lines(measured), *_lines_of_sockets(held)]
    return [one for one in found if one.points]


def _lines(measured: Sequence[Step]) -> list[Line]:
    """What depends on the number of replicas, or turns out not to."""
    made: list[Line] = []

    def add(name: str, unit: str, value: Callable[[Step], float | None]) -> None:
        points = [(one.replicas, value(one)) for one in measured]
        known = [(x, y) for x, y in points if y is not None]
        made.append(line(name, "replicas", unit, known))

    def mean_of_others(of: Mapping[str, float], one: Step) -> float | None:
        found = [of[name] for name in one.others]
        return sum(found) / len(found) if found else None

    def apart_from_leader(of: str) -> Callable[[Step], float | None]:
        return lambda one: getattr(one, of)["replica"] if one.others else None

    add("idle replica", "µs/s", lambda one: mean_of_others(one.idle, one))
    add("idle replica, worker leads", "µs/s", lambda one: one.idle[one.leader])
    add("idle database", "µs/s", lambda one: one.idle["db"])
    add("idle Traefik", "µs/s", lambda one: one.idle["traefik"])
    add("read at the replica", "µs", lambda one: one.read["replica"])
    add("read at the database", "µs", lambda one: one.read["db"])
    add("read at Traefik", "µs", lambda one: one.read["traefik"])
    add("change where it arrives", "µs", apart_from_leader("change"))
    add("change at another replica", "µs", lambda one: one.change.get("others"))
    add("change at the leader's replica", "µs", lambda one: one.change.get("leader"))
    add("change at the database", "µs", lambda one: one.change["db"])
    add("move where it arrives", "µs", apart_from_leader("move"))
    add("move at another replica", "µs", lambda one: one.move.get("others"))
    add("move at the database", "µs", lambda one: one.move["db"])
    add("changes of a move", "", lambda one: one.move["changes"])
    add("statements of a change", "ms", lambda one: one.facts["active_ms"])
    add("pauses in a change's transaction", "ms", lambda one: one.facts["waiting_ms"])
    add("WAL of a change", "kB", lambda one: one.facts["wal_bytes"] / KB)
    add("sessions", "", lambda one: float(sum(one.sessions.values())))
    add("sessions that listen", "", lambda one: float(listening(one.sessions)))
    # Of the step before there were many sockets.
    most, mega = measured[-1], KB * KB
    for what, value in (
        ("a replica", mean_of_others(most.memory, most) or 0.0),
        ("the database", most.memory["db"]),
        ("Traefik", most.memory["traefik"]),
    ):
        name = f"memory of {what}"
        made.append(line(name, "replicas", "MB", [(most.replicas, value / mega)]))
    return made


def _lines_of_sockets(held: OfSockets) -> list[Line]:
    of = "sockets"
    return [
        line("held sockets at a replica", of, "µs/s", held.held),
        line("memory of sockets at a replica", of, "kB", _scaled(held.memory, KB)),
        line("sessions read at a replica", of, "µs", held.session),
        line("session read at the database", of, "µs", held.session_db),
        line("change told at a replica", of, "µs", held.change),
        line("held sockets at Traefik", of, "µs/s", held.traefik_held),
        line("memory of sockets at Traefik", of, "kB", _scaled(held.traefik_memory, KB)),
        line("change told at Traefik", of, "µs", held.traefik_change),
    ]


def listening(sessions: Mapping[str, int]) -> int:
    """Those that LISTEN: of each Daphne, of each worker, of the leader's outputs and MQTT."""
    return sessions.get("alarm broadcast", 0) + sessions.get("alarm leader", 0)


def _scaled(points: Points, by: float) -> Points:
    return [(x, y / by) for x, y in points]


def _origin(facts: Mapping[str, str], load: list[float]) -> dict[str, Any]:
    """When, where and by which command the figures were made."""
    cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = next((x.partition(":")[2].strip() for x in cpu.splitlines() if "model name" in x), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "command": COMMAND,
        "at": datetime.now(UTC).isoformat(timespec="minutes"),
        "processor": model,
        "cores": os.cpu_count(),
        "memory_GiB": round(memory / 2**30),
        "system": platform.platform(),
        "stack": dict(facts),
        "load": [round(one, 2) for one in load],
    }


def rows(found: Mapping[str, Any]) -> list[Row]:
    """The lines' values for the bench's table: the base, or for sockets and the like the slope."""
    made = []
    for name, one in found["lines"].items():
        growth = f"{report.number(one['slope'])} more for each of the {one['of']}"
        made.append(Row(name, one["unit"], [one["base"]], note=growth))
    return made
