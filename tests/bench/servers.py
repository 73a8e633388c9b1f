"""One uvicorn beside one Daphne, each as the container starts it: requests, sockets and frames.

Rates are of a client on the same processors; the processor's time is the server's own.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack

from tests.bench import beside, wrk
from tests.bench.api import PATHS
from tests.bench.held import Held, sockets
from tests.bench.rounds import interleaved
from tests.bench.row import Row
from tests.bench.stand import Stand
from tests.bench.wrk import Load

PORTS = {"daphne": 9141, "uvicorn": 9142}
SOCKETS = 300
CHANGES = 10
"""Times that the alarm is armed and disarmed while the sockets are told of it."""

TICKS = os.sysconf("SC_CLK_TCK")


def compared(stand: Stand) -> list[Row]:
    """What the other server makes of each kind of work; no budget, for a person chooses."""
    with ExitStack() as running:
        for name, port in PORTS.items():
            running.enter_context(beside.server(stand.app, name, port))
        rows = [row for path in PATHS.values() for row in _requests(stand, path)]
        return [*rows, *_sockets(stand), *_memory(stand)]


def _requests(stand: Stand, path: str) -> list[Row]:
    def ask(name: str) -> tuple[float, float]:
        """Requests a second, and ms of processor for each."""
        load = Load(f"http://127.0.0.1:{PORTS[name]}{path}", (stand.cookie,), 16, 1)
        before = _processor(stand, name)
        rate = wrk.run(stand.pid, load).rate
        taken = _processor(stand, name) - before
        return rate, 1000 * taken / (rate * wrk.SECONDS)

    name = f"GET {path}, uvicorn"
    return _rows(stand, ask, (name, "requests/s"), (f"{name}: processor", "ms"))


def _sockets(stand: Stand) -> list[Row]:
    def hold(name: str) -> tuple[float, float]:
        """Ms of processor for each socket that is opened, and for each frame of a change."""
        before = _processor(stand, name)
        with sockets(stand, PORTS[name], SOCKETS) as (held, opened):
            assert opened["held"] == SOCKETS, opened
            all_open = _processor(stand, name)
            frames = _change(stand, held) * SOCKETS
            all_told = _processor(stand, name)
        return 1000 * (all_open - before) / SOCKETS, 1000 * (all_told - all_open) / frames

    opened = "a WebSocket opened, uvicorn: processor"
    told = f"a frame of a change to {SOCKETS} sockets, uvicorn: processor"
    return _rows(stand, hold, (opened, "ms"), (told, "ms"))


def _change(stand: Stand, held: Held) -> int:
    """Arm and disarm through the product; how many changes that was, which all sockets have."""

    def newest() -> int:
        return int(stand.panel.get("/api/alarm/state/").json()["sequence"])

    before = newest()
    for _ in range(CHANGES):
        for act in (lambda: stand.panel.arm("home"), stand.panel.disarm):
            act()
            assert held.ask(f"wait {newest()}")["told"] == SOCKETS, "a change was lost"
    return newest() - before


def _memory(stand: Stand) -> list[Row]:
    """Of each process after all that."""

    def own(name: str) -> float:
        script = f"grep Pss_Anon /proc/$(cat {beside.FOLDER}/{PORTS[name]}.id)/smaps_rollup"
        return int(beside.shell(stand.app, script).split()[1]) / 1000

    return [Row("uvicorn's memory", "MB", [own("uvicorn")], "Daphne", [own("daphne")])]


def _rows(
    stand: Stand, measure: Callable[[str], tuple[float, float]], *kinds: tuple[str, str]
) -> list[Row]:
    """Both of what `measure` gives for a server; `kinds` are their names and units."""
    taken = interleaved(
        stand.rounds, daphne=lambda: measure("daphne"), uvicorn=lambda: measure("uvicorn")
    )
    sides = {side: list(zip(*pairs, strict=True)) for side, pairs in taken.items()}
    return [
        Row(name, unit, list(sides["uvicorn"][n]), "Daphne", list(sides["daphne"][n]))
        for n, (name, unit) in enumerate(kinds)
    ]


def _processor(stand: Stand, name: str) -> float:
    """Seconds of processor that the server has had. Source: proc(5)."""
    stat = beside.shell(stand.app, f"cat /proc/$(cat {beside.FOLDER}/{PORTS[name]}.id)/stat")
    user, system = stat.rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS
