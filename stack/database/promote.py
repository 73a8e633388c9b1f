"""Promote another database to be the live one, or roll back."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from stack.compose import lifecycle
from stack.compose.project import Project
from stack.core.console import say
from stack.core.rollback import Undo
from stack.database.server import Server

KEPT = "alarm_db_before_"
"""Prefix of a database that was replaced; the time of that follows."""

TEMPORARY = "alarm_db_restore_"
"""Prefix of a database that is being filled, is rehearsed on, or is to be removed."""


def stamp() -> str:
    """The time in UTC, as the end of a database's name."""
    return f"{datetime.now(UTC):%Y%m%dt%H%M%Sz}"


class App(Protocol):
    """What serves with the database: one container, or the replicas of a cluster."""

    def runs(self) -> bool:
        """Whether it runs, or the engine starts it again and again."""

    def stop(self) -> None:
        """Stop everything that writes to the app's database."""

    def start(self) -> None:
        """Start it as it was, and return when it is ready. Raises Failure."""


@dataclass(frozen=True)
class Container:
    """The app's container of a project."""

    project: Project

    def runs(self) -> bool:
        app = self.project.containers().get("app")
        return app is not None and app.status in {"running", "restarting"}

    def stop(self) -> None:
        remedy = "See what still runs: docker ps"
        self.project.run("Stopping the app", "stop", "app", remedy=remedy)

    def start(self) -> None:
        lifecycle.start(self.project, recreate=False)


def promote(app: App, server: Server, successor: str, undo: Undo) -> str:
    """Make `successor` the app's database; return the name that the previous one has now.

    A running app is stopped meanwhile. Raises Failure if it is not ready afterwards. `undo` gets
    the reverse exchange.
    """
    before = KEPT + stamp()
    started = time.monotonic()
    is_running = app.runs()
    undo.callback(_demote, app, server, successor, before, start=is_running)
    if is_running:
        app.stop()
    server.exchange(successor, before)
    if is_running:
        app.start()
        say(f"The app was unavailable for {time.monotonic() - started:.1f} s.")
    return before


def _demote(app: App, server: Server, successor: str, before: str, *, start: bool) -> None:
    if before in server.databases():
        if start:
            app.stop()
        server.exchange(before, successor)
    if start:
        app.start()
