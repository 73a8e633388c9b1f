"""What is measured at each number of replicas: idleness, reads, and reports that are changes."""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

from docker.models.containers import Container

from stack.core.polling import wait_until
from tests.bench import wrk
from tests.bench.cluster.meter import Meter, Spent
from tests.bench.cluster.replicas import PANEL_PORT, REPLICA_PORT, Replicas
from tests.bench.cluster.reports import Sensors
from tests.bench.wrk import Load
from tests.support.panel import Panel

IDLE_SECONDS = 12
"""More than the 10 s after which an idle session reports its times to PostgreSQL."""

READ_SECONDS = 2
REPORTS = 120
MOVES = 48

BURST = 64
"""Requests at a time."""

STATE = "/api/alarm/state/"
LISTENERS = 2
"""Daphne processes of a replica, each of which listens for changes once it has a socket."""

ENOUGH_SOCKETS = 6
"""Of each replica, so that each of its Daphne processes has one."""

TIMES = """
SELECT active_time, idle_in_transaction_time FROM pg_stat_database WHERE datname = '{database}'
"""
"""Milliseconds in which sessions ran a statement, and in which their transaction waited for one."""

WAL = "SELECT pg_current_wal_lsn() - '0/0'"


@dataclass
class Step:
    """The figures at one number of replicas, in microseconds of processor time."""

    replicas: int
    leader: str = ""
    idle: dict[str, float] = field(default_factory=dict)
    """Of each container, for a second."""
    memory: dict[str, int] = field(default_factory=dict)
    sessions: dict[str, int] = field(default_factory=dict)
    """Of all replicas, by what they call themselves."""
    read: dict[str, float] = field(default_factory=dict)
    """Of a request: at the replica, the database and Traefik."""
    change: dict[str, float] = field(default_factory=dict)
    """Of a report that is one change: where it arrives, elsewhere (the mean), the database."""
    move: dict[str, float] = field(default_factory=dict)
    """The same of a report with a new state; `changes` is the number of changes."""
    facts: dict[str, float] = field(default_factory=dict)
    """Of a report that is one change: bytes of WAL, and milliseconds of TIMES."""

    @property
    def others(self) -> list[str]:
        """Replicas whose worker does not lead."""
        return [name for name in self.idle if name.startswith("app-") and name != self.leader]


def step(running: Replicas, panel: Panel, sensors: Sensors, count: int) -> Step:
    """Scale to so many replicas and measure."""
    running.scale(count)
    found = Step(count, running.leader())
    cookie = f"{panel.session_cookie.name}={panel.session_cookie.value}"
    let_all_listen(running, cookie)
    meter = running.meter()
    # Not the one whose worker leads, where there is another.
    name = next((one for one in running.apps if one != found.leader), found.leader)
    writer = running.panel(name)
    sensors.report(writer, len(sensors.tokens))  # what is done once is done
    wal, before = _numbers(running, WAL), _numbers(running, TIMES)
    with meter.window() as repeated:
        sensors.report(writer, REPORTS)
    found.facts["wal_bytes"] = (_numbers(running, WAL)[0] - wal[0]) / REPORTS
    with meter.window() as idle:
        time.sleep(IDLE_SECONDS)
    found.idle = {one: idle.rate(one) for one in meter.containers}
    for what, old, new in zip(
        ("active_ms", "waiting_ms"), before, _numbers(running, TIMES), strict=True
    ):
        found.facts[what] = (new - old) / REPORTS
    found.change = _of_reports(found, repeated, name, REPORTS)
    since = _sequence(panel)
    with meter.window() as moved:
        last = sensors.report(writer, MOVES, moves=True)
    found.move = _of_reports(found, moved, name, MOVES) | {"changes": (last - since) / MOVES}
    found.read = _reads(running, meter, found, cookie, name)
    found.memory = {one: meter.memory(one) for one in meter.containers}
    for (_replica, kind), number in running.sessions().items():
        found.sessions[kind] = found.sessions.get(kind, 0) + number
    return found


def probes(running: Replicas, found: Step) -> float:
    """What the questions of one Traefik cost a replica, a second."""
    meter, traefik = running.meter(), running.traefik
    traefik.pause()
    try:
        with meter.window() as alone:
            time.sleep(IDLE_SECONDS)
    finally:
        traefik.unpause()
    return statistics.fmean(found.idle[one] - alone.rate(one) for one in found.others)


def sessions_after_burst(running: Replicas, panel: Panel) -> int:
    """The sessions of a replica once it was asked for more than it can do at a time."""
    name, app = next(iter(running.apps.items()))
    cookie = f"Cookie: {panel.session_cookie.name}={panel.session_cookie.value}"
    load = Load(f"http://127.0.0.1:{REPLICA_PORT}{STATE}", (cookie,), BURST)
    wrk.run(pid_of(app), load)
    return sum(number for (one, _kind), number in running.sessions().items() if one == name)


def let_all_listen(running: Replicas, cookie: str) -> None:
    """Open sockets for a moment: a Daphne process listens from its first one on."""

    def deaf() -> list[str]:
        found, kind = running.sessions(), "alarm broadcast"
        return [name for name in running.apps if found.get((name, kind), 0) < LISTENERS]

    def all_listen() -> bool:
        return not deaf()

    with ExitStack() as opened:
        for name in deaf():
            panel = running.panel(name)
            for _ in range(ENOUGH_SOCKETS):
                socket = panel.connect("/ws/alarm/", cookie=cookie)
                opened.callback(socket.close)
                socket.recv()
        wait_until("each Daphne process to listen", all_listen, seconds=30)


def pid_of(container: Container) -> int:
    """The container's first process, in whose network the load is made."""
    return int(container.attrs["State"]["Pid"])


def _reads(
    running: Replicas, meter: Meter, found: Step, cookie: str, name: str
) -> dict[str, float]:
    """Reads of the alarm's state with a session, directly and through Traefik; below 250/s."""

    def load(pid: int, port: int) -> tuple[Spent, int]:
        asked = Load(f"http://127.0.0.1:{port}{STATE}", (f"Cookie: {cookie}",), 8, 1, 30)
        with meter.window() as spent:
            result = wrk.run(pid, asked, READ_SECONDS)
        return spent, result.requests

    spent, requests = load(pid_of(running.apps[name]), REPLICA_PORT)
    traefik = running.traefik
    through, asked = load(pid_of(traefik), PANEL_PORT)
    return {
        "replica": spent.beyond(found.idle, name) / requests,
        "db": spent.beyond(found.idle, "db") / requests,
        "traefik": through.beyond(found.idle, "traefik") / asked,
    }


def _of_reports(found: Step, spent: Spent, writer: str, count: int) -> dict[str, float]:
    others = [spent.beyond(found.idle, one) for one in found.others if one != writer]
    each = {
        "replica": spent.beyond(found.idle, writer),
        "db": spent.beyond(found.idle, "db"),
        **({"others": statistics.fmean(others)} if others else {}),
        **({} if found.leader == writer else {"leader": spent.beyond(found.idle, found.leader)}),
    }
    return {where: micro / count for where, micro in each.items()}


def _numbers(running: Replicas, sql: str) -> list[float]:
    (row,) = running.ask(sql)
    return [float(text) for text in row.split("|")]


def _sequence(panel: Panel) -> int:
    return int(panel.get(STATE).json()["sequence"])
