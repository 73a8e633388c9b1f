"""The panel's clients at several nodes, while something happens to the cluster."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from stack.core.polling import wait_until
from tests.faults.clients import Browser, Client, Reader, Writer
from tests.faults.load import QUIET, Sensors, are_served, are_up_to_date, end, is_quiet
from tests.faults.observations import counted
from tests.support.panel import Panel

BROWSERS = 3
"""WebSockets through each node."""


@dataclass(frozen=True)
class Clients:
    """Those of some nodes, which go on until the end."""

    all: list[Client]

    def wait_until_served(self, since: float, seconds: float) -> None:
        """Wait until each is served again, nothing fails, and each knows the newest change."""

        def served() -> bool:
            quiet = is_quiet(self.all, since)
            return quiet and are_served(self.all, since) and are_up_to_date(self.all)

        wait_until("all served again", served, seconds=seconds + QUIET)

    def acknowledged(self) -> set[str]:
        """The reports that were acknowledged to a sensor, by their identifiers."""
        return {one for c in self.all if isinstance(c, Writer) for one in c.acknowledged}

    def longest_gap(self) -> float:
        """The most seconds between two good answers to one client's requests, with a bad one."""
        return max(c.observed.longest_gap() for c in self.all if not isinstance(c, Browser))

    def sockets_back(self, since: float) -> float:
        """Seconds from `since` until the last WebSocket that was lost was there again; else 0."""
        found = [c.observed.recovered_at() for c in self.all if isinstance(c, Browser)]
        return max([0.0, *(at - since for at in found if at is not None)])

    def failures(self) -> Counter[str]:
        """How often each kind of client got what was no good answer."""
        return Counter(
            f"{c.kind}: {answer.what}" for c in self.all for answer in c.observed.failures()
        )

    def told(self, since: float) -> str:
        """Everything that they got, in one line."""
        kinds = dict.fromkeys(c.kind for c in self.all)
        answers = {k: counted([c.observed for c in self.all if c.kind == k]) for k in kinds}
        slowest = max(c.observed.slowest() for c in self.all)
        return (
            f"{answers}; longest gap of requests {self.longest_gap():.1f} s, slowest good answer "
            f"{slowest:.1f} s, sockets back after {self.sockets_back(since):.1f} s"
        )


@contextmanager
def using(panels: Sequence[Panel], sensors: Sensors) -> Iterator[Clients]:
    """At each panel: readers, a sensor of its own that writes, browsers. All are served first."""
    run = uuid.uuid4().hex[:12]
    made: list[Client] = []
    for panel, (sensor, token) in zip(panels, sensors, strict=False):
        made += [Reader(panel, "/", "page"), Reader(panel, "/api/alarm/state/", "api")]
        made.append(Writer(panel, sensor, token, run))
        made += [Browser(panel) for _ in range(BROWSERS)]
    try:
        for client in made:
            client.start()
        wait_until("all served at first", lambda: are_served(made, 0), seconds=60)
        yield Clients(made)
    finally:
        end(made)
    crashes = [client.crash for client in made if client.crash]
    assert not crashes, crashes
