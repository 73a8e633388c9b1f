"""The clients around one fault: started before it, checked after it."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from stack.compose import health
from stack.compose.project import Project
from stack.core.polling import wait_until
from stack.database.server import DATABASE, Server
from tests.faults.clients import Browser, Client, Reader, Writer
from tests.faults.observations import counted
from tests.faults.report import Report, Row
from tests.support.panel import Panel

BROWSERS = 6
QUIET = 3.0
"""Seconds without a failure after which the stack counts as recovered."""

UNHEALTHY_WITHIN = 15
"""Seconds until the health check reports a fault that does not end by itself."""

Sensors = list[tuple[int, str]]
"""Identifier and token of each."""


class HealthWatch(threading.Thread):
    """Watches the health of the app container as the engine reports it."""

    def __init__(self, project: Project) -> None:
        super().__init__(daemon=True)
        self.project, self.client = project, project.client
        self.is_healthy = False
        self.unhealthy_at: float | None = None
        """The first moment at which it was unhealthy after being healthy."""
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(0.5):
            app = self.project.containers().get("app")
            state = health.state(app) if app else "gone"
            if self.is_healthy and self.unhealthy_at is None and state == "unhealthy":
                self.unhealthy_at = time.monotonic()
            self.is_healthy = state == "healthy"


@dataclass
class Fault:
    """A fault under way."""

    clients: list[Client]
    began_at: float = field(default_factory=time.monotonic)
    over_at: float | None = None
    notes: list[str] = field(default_factory=list)

    def last(self, seconds: float) -> None:
        """Let the fault last: the only place where a test waits for time itself."""
        time.sleep(seconds)

    def over(self) -> None:
        """The fault has just ended."""
        self.over_at = time.monotonic()

    def note(self, words: str) -> None:
        """Words for the table's last column."""
        self.notes.append(words)


@dataclass
class Load:
    """Makes clients for the stack's panel."""

    project: Project
    panel: Panel
    sensors: Sensors
    report: Report
    row: Row = field(default_factory=lambda: Row("none yet"))
    """The results of the last fault."""

    def new_clients(self) -> list[Client]:
        run = uuid.uuid4().hex[:12]
        return [
            Reader(self.panel, "/", "page"),
            Reader(self.panel, "/api/alarm/state/", "api"),
            Reader(self.panel, "/api/events/?page_size=5", "api"),
            Reader(self.panel, "/api/health/live/", "live"),
            Reader(self.panel, "/api/health/ready/", "ready"),
            *(Writer(self.panel, pk, token, run) for pk, token in self.sensors),
            *(Browser(self.panel) for _ in range(BROWSERS)),
        ]

    @contextmanager
    def during(self, name: str, *, within: float) -> Iterator[Fault]:
        """The block causes the fault; afterwards every client has to be served in `within` s."""
        clients = self.new_clients()
        health = HealthWatch(self.project)
        self.row = row = Row(name, verdict="failed")
        self.report.add(row)
        for client in (*clients, health):
            client.start()
        try:
            wait_until(
                "all served before the fault",
                lambda: are_served(clients, 0) and health.is_healthy,
                seconds=60,
            )
            fault = Fault(clients)
            try:
                yield fault
                start = fault.over_at or fault.began_at
                wait_until(
                    "all served again",
                    lambda: are_served(clients, start) and is_quiet(clients, start),
                    seconds=within + QUIET,
                )
                wait_until(
                    "all clients to have the newest change",
                    lambda: are_up_to_date(clients),
                    seconds=within,
                )
            finally:
                end(clients)
                self._fill(row, fault, health)
            self._judge(row, clients)
            row.verdict = "ok"
        finally:
            end(clients)
            health.stopped.set()

    def _fill(self, row: Row, fault: Fault, health: HealthWatch) -> None:
        start = fault.over_at or fault.began_at
        seen = [client.observed for client in fault.clients]
        recovered = [at for one in seen if (at := one.recovered_at())]
        row.recovered_after = max([0.0, *(at - start for at in recovered)])
        row.longest_gap = max(one.longest_gap() for one in seen)
        row.slowest = max(one.slowest() for one in seen)
        if health.unhealthy_at:
            row.unhealthy_after = health.unhealthy_at - fault.began_at
        for kind in dict.fromkeys(client.kind for client in fault.clients):
            row.answers[kind] = counted([c.observed for c in fault.clients if c.kind == kind])
        row.notes = "; ".join(fault.notes)

    def _judge(self, row: Row, clients: list[Client]) -> None:
        crashes = [client.crash for client in clients if client.crash]
        assert not crashes, crashes
        written = [one for c in clients if isinstance(c, Writer) for one in c.acknowledged]
        lost = set(written) - self.reports_found()
        row.acknowledged, row.found = len(written), len(written) - len(lost)
        assert not lost, f"acknowledged and lost: {sorted(lost)}"
        for kind, answers in row.answers.items():
            assert "500" not in answers, (kind, answers)

    def reports_found(self) -> set[str]:
        """The identifiers of all reports that the database holds."""
        server = Server(self.project)
        return set(server.ask("SELECT event_id FROM alarm_report", DATABASE))


def are_served(clients: list[Client], since: float) -> bool:
    """Whether each has had a good answer since then; an unbroken socket counts."""
    return all(
        client.observed.is_served
        if isinstance(client, Browser)
        else client.observed.served_since(since)
        for client in clients
    )


def is_quiet(clients: list[Client], since: float) -> bool:
    """Whether nothing has failed for a while; a new fault may not have reached the clients yet."""
    failures = [answer.at for client in clients for answer in client.observed.failures()]
    return time.monotonic() - max([since, *failures]) >= QUIET


def are_up_to_date(clients: list[Client]) -> bool:
    """Whether each browser knows the newest change that was acknowledged to a sensor."""
    newest = max((c.sequence for c in clients if isinstance(c, Writer)), default=0)
    return all(c.sequence >= newest for c in clients if isinstance(c, Browser))


def end(clients: list[Client]) -> None:
    for client in clients:
        client.stop()
    for client in clients:
        client.join(30)
