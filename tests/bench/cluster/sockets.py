"""What open WebSockets cost: at replicas that hold different numbers of them, and at Traefik."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field

from tests.bench import held_sockets
from tests.bench.cluster.fit import Points
from tests.bench.cluster.replicas import METRICS_PORT, PANEL_PORT, REPLICA_PORT, Replicas
from tests.bench.cluster.reports import Sensors
from tests.bench.cluster.steps import Step, pid_of
from tests.bench.held_sockets import HeldSockets
from tests.support.panel import Panel

SIZES = (0, 0, 80, 160, 240, 320, 400, 480)
"""How many sockets each of eight replicas holds; the first is the one whose worker leads."""

AT_TRAEFIK = 600
"""How many more sockets Traefik gets, which spreads them evenly."""

HELD_SECONDS = 31
"""Each socket is pinged once in 30 s (PING_EVERY in backend/realtime/consumers.py)."""

CHANGES = 10
SETTLED_SECONDS = 4

READ_SESSIONS = """
SELECT pg_notify('broadcast', '{{"group":"person.' || id ||
'","message":{{"type":"session.changed","keep":""}}}}') FROM people_person
"""
"""Has each socket read its session, as it does every 300 s (READ_SESSION_EVERY)."""


@dataclass
class OfSockets:
    """Points of (sockets, microseconds): a point for each replica, or for each measurement."""

    held: Points = field(default_factory=list)
    """A second, beyond what the replica spends without sockets."""
    memory: Points = field(default_factory=list)
    """Bytes in use."""
    session: Points = field(default_factory=list)
    """Of one reading of the session of every socket."""
    session_db: Points = field(default_factory=list)
    """Of one socket's reading, at the database."""
    change: Points = field(default_factory=list)
    """Of one change."""
    traefik_held: Points = field(default_factory=list)
    traefik_memory: Points = field(default_factory=list)
    traefik_change: Points = field(default_factory=list)


def held(running: Replicas, panel: Panel, sensors: Sensors, step: Step) -> OfSockets:
    """Hold a different number of sockets at each replica, then as many more through Traefik.

    Changes are made through the leader's replica, which has sockets of Traefik alone.
    """
    found = OfSockets()
    cookie = f"{panel.session_cookie.name}={panel.session_cookie.value}"
    sizes = dict(zip([step.leader, *step.others], SIZES, strict=True))
    apps = {name: running.apps[name] for name, size in sizes.items() if size}
    with ExitStack() as stack:
        direct = [
            stack.enter_context(held_sockets.process(pid_of(app), REPLICA_PORT, sizes[name]))
            for name, app in apps.items()
        ]
        traefik = held_sockets.process(pid_of(running.traefik), PANEL_PORT, AT_TRAEFIK)
        through = stack.enter_context(traefik)
        _open(direct, cookie)
        _measure(running, sensors, step, found, direct)
        _open([through], cookie)
        _measure(running, sensors, step, found, [*direct, through])
    return found


def _open(processes: Sequence[HeldSockets], cookie: str) -> None:
    """Open the sockets of all processes at a time, and let the replicas come to rest."""
    with ThreadPoolExecutor(len(processes)) as threads:
        for opened in threads.map(lambda one: one.ask(f"open {cookie}"), processes):
            assert not opened["failed"], opened
    time.sleep(SETTLED_SECONDS)


def _measure(
    running: Replicas, sensors: Sensors, step: Step, found: OfSockets, processes: list[HeldSockets]
) -> None:
    """Add the points of the sockets that are open now."""
    meter, writer = running.meter(), running.panel(step.leader)
    open_now = {name: _count(running, name) for name in running.apps}
    total = sum(open_now.values())
    behind = total - sum(SIZES)
    with meter.window() as idle:
        time.sleep(HELD_SECONDS)
    with meter.window() as reading:
        running.ask(READ_SESSIONS)
        # A socket gets its messages in turn: one with this change has read its session.
        _wait(processes, sensors.report(writer, 1))
    with meter.window() as told:
        for _ in range(CHANGES):  # each when all sockets have got the one before
            _wait(processes, sensors.report(writer, 1))
    for name in step.others:
        size = open_now[name]
        found.held.append((size, idle.rate(name) - step.idle[name]))
        found.memory.append((size, meter.memory(name)))
        found.session.append((size, reading.beyond(step.idle, name)))
        found.change.append((size, told.beyond(step.idle, name) / CHANGES))
    found.session_db.append((total, reading.beyond(step.idle, "db") / total))
    found.traefik_held.append((behind, idle.rate("traefik") - step.idle["traefik"]))
    found.traefik_memory.append((behind, meter.memory("traefik")))
    found.traefik_change.append((behind, told.beyond(step.idle, "traefik") / CHANGES))


def _wait(processes: Sequence[HeldSockets], sequence: int) -> None:
    for process in processes:
        told, number = process.ask(f"wait {sequence}")["told"], process.ask("count")["held"]
        assert told == number, f"{told} of {number} sockets got a change"


def _count(running: Replicas, name: str) -> float:
    """The sockets of a replica, as its metrics count them."""
    text = running.site(name, METRICS_PORT).get("/metrics").text
    lines = [line for line in text.splitlines() if line.startswith("websocket_connections")]
    return sum(float(line.split()[-1]) for line in lines)
