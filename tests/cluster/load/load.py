"""Fifty requests a second and five hundred WebSockets, spread over the nodes, around one fault."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from stack.config.modes import ROOT
from stack.core.polling import wait_until
from tests.bench.held_sockets import HeldSockets
from tests.cluster.load.arming import Arming, Judged, Sql
from tests.cluster.load.roaming import Roaming
from tests.faults.clients import Client, Reader, Writer
from tests.faults.load import QUIET, Sensors, are_served, end, is_quiet
from tests.support.panel import Panel


@dataclass(frozen=True)
class Size:
    """Of the load, of all nodes together."""

    pages: int = 500
    """WebSockets."""
    requests: int = 50
    """A second. Each client waits for its answer: one that hangs sends none."""


EVERY = 1.0
"""Seconds from one request of a client to the next."""

ASKED = ("/api/alarm/state/", "/", "/api/events/?page_size=5")


class Reporter(Writer):
    """A sensor that says again and again that it is closed: an alarm that is armed stays calm."""

    def is_open(self) -> bool:
        return False


@dataclass(frozen=True)
class Outage:
    """Of one page."""

    home: int
    """The number of its node."""
    what: str
    heard_at: float
    """When the last message came, in seconds of the kernel's monotonic clock."""
    back_at: float | None

    @property
    def seconds(self) -> float:
        return (time.monotonic() if self.back_at is None else self.back_at) - self.heard_at


@dataclass
class Load:
    """All clients, by the number of the node that they keep to."""

    size: Size
    clients: list[list[Client]]
    roaming: list[Client]
    pages: HeldSockets
    arming: Arming
    began_at: float = field(default_factory=time.monotonic)
    ended_at: float = 0.0
    outages: list[Outage] = field(default_factory=list)
    judged: Judged | None = None

    @property
    def all(self) -> list[Client]:
        return [*itertools.chain(*self.clients), *self.roaming]

    def wait_until_served(self, since: float, seconds: float) -> None:
        """Wait until each client is served again, nothing fails, and each page is live."""

        def served() -> bool:
            return is_quiet(self.all, since) and are_served(self.all, since) and self._are_live()

        wait_until("all served", served, seconds=seconds + QUIET, every=0.5)

    def _are_live(self) -> bool:
        return bool(sum(self.pages.ask("live")["live"]) == self.size.pages)

    def acknowledged(self) -> set[str]:
        """The reports that were acknowledged, by their identifiers."""
        return {one for c in self.all if isinstance(c, Writer) for one in c.acknowledged}

    def answers(self) -> int:
        """How many there were, good and bad."""
        return sum(a.at >= self.began_at for c in self.all for a in c.observed.answers)


@contextmanager
def under_load(
    size: Size, panels: Sequence[Panel], sensors: Sensors, sql: Sql, armed_by: int, *, arms: bool
) -> Iterator[Load]:
    """The clients of all panels; all are served first. One of them arms the alarm, if `arms`."""
    made = _clients(size, panels, sensors)
    own = Panel(panels[armed_by].address)
    own.http.cookies.update(panels[armed_by].http.cookies)
    arming = Arming(own, sql)
    arming.prepare()
    roaming: list[Client] = [
        Roaming([*panels[number:], *panels[:number]]) for number in range(len(panels))
    ]
    with _pages(size, panels) as pages:
        load = Load(size, made, roaming, pages, arming)
        try:
            wait_until("all pages", load._are_live, seconds=120, every=0.5)
            for number, client in enumerate(load.all):
                client.every, client.starts_after = EVERY, number * EVERY / size.requests
                client.start()
            if arms:
                arming.start()
            wait_until("all served", lambda: are_served(load.all, 0), seconds=60)
            load.began_at = time.monotonic()
            yield load
        finally:
            load.ended_at = time.monotonic()
            load.outages = [Outage(*one) for one in pages.ask("outages")["outages"]]
            end(load.all)
            if arms:
                arming.stop()
                load.judged = arming.judged()
    crashes = [client.crash for client in load.all if client.crash]
    assert not crashes, crashes


def _clients(size: Size, panels: Sequence[Panel], sensors: Sensors) -> list[list[Client]]:
    """At each node a sensor that writes, and as many readers as the rate asks for."""
    run = uuid.uuid4().hex[:12]
    readers = round(size.requests * EVERY / len(panels)) - 1
    made: list[list[Client]] = []
    for panel, (sensor, token) in zip(panels, sensors, strict=True):
        paths = itertools.islice(itertools.cycle(ASKED), readers)
        kinds = {"/": "page"}
        asked = [Reader(panel, path, kinds.get(path, "api")) for path in paths]
        made.append([Reporter(panel, sensor, token, run), *asked])
    return made


@contextmanager
def _pages(size: Size, panels: Sequence[Panel]) -> Iterator[HeldSockets]:
    own = panels[0].session_cookie
    given: dict[str, Any] = {
        "cookie": f"{own.name}={own.value}",
        "count": size.pages,
        "urls": [panel.url for panel in panels],
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.cluster.load.pages"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(given) + "\n")
    try:
        yield HeldSockets(process)
    finally:
        process.kill()
        process.wait()
