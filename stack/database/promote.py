"""Promote another database to be the live one, or roll back."""

from __future__ import annotations

import time
from datetime import UTC, datetime

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


def promote(project: Project, server: Server, successor: str, undo: Undo) -> str:
    """Make `successor` the app's database; return the name that the previous one has now.

    A running app is stopped meanwhile. Raises Failure if it is not ready afterwards. `undo` gets
    the reverse exchange.
    """
    before = KEPT + stamp()
    started = time.monotonic()
    is_running = runs(project)
    undo.callback(_demote, project, server, successor, before, start=is_running)
    if is_running:
        stop_app(project)
    server.exchange(successor, before)
    if is_running:
        lifecycle.start(project, recreate=False)
        say(f"The app was unavailable for {time.monotonic() - started:.1f} s.")
    return before


def runs(project: Project) -> bool:
    """Whether the app's container runs."""
    app = project.containers().get("app")
    return app is not None and app.status in {"running", "restarting"}


def stop_app(project: Project) -> None:
    """Stop everything that writes to the app's database."""
    project.run("Stopping the app", "stop", "app", remedy="See what still runs: docker ps")


def _demote(project: Project, server: Server, successor: str, before: str, *, start: bool) -> None:
    if before in server.databases():
        if start:
            stop_app(project)
        server.exchange(before, successor)
    if start:
        lifecycle.start(project, recreate=False)
