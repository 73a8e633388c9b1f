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
"""What the name of a database begins with that was the app's until the time in its name."""

BESIDE = "alarm_db_restore_"
"""What the name of a database begins with that a backup is being filled into."""


def stamp() -> str:
    """Now, as the end of a database's name; UTC."""
    return f"{datetime.now(UTC):%Y%m%dt%H%M%Sz}"


def promote(project: Project, server: Server, newcomer: str, undo: Undo) -> str:
    """Make `newcomer` the app's database; return the name that the previous one has now.

    A running app is stopped meanwhile, and must be ready afterwards, else Failure is raised. `undo`
    gets what puts the previous database back into service, and the newcomer under its name.
    """
    before = KEPT + stamp()
    started = time.monotonic()
    is_running = runs(project)
    undo.callback(_demote, project, server, newcomer, before, start=is_running)
    if is_running:
        stop_app(project)
    server.exchange(newcomer, before)
    if is_running:
        lifecycle.start(project)
        say(f"The panel was away for {time.monotonic() - started:.1f} s.")
    return before


def runs(project: Project) -> bool:
    """Whether the app's container runs."""
    app = project.containers().get("app")
    return app is not None and app.status in {"running", "restarting"}


def stop_app(project: Project) -> None:
    """Stop everything that writes to the app's database."""
    project.run("Stopping the app", "stop", "app", remedy="See what still runs: docker ps")


def _demote(project: Project, server: Server, newcomer: str, before: str, *, start: bool) -> None:
    if before in server.databases():
        if start:
            stop_app(project)
        server.exchange(before, newcomer)
    if start:
        lifecycle.start(project)
