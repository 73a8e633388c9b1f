"""Letting another database be the app's within moments, or everything back to before."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stack.compose import project
from stack.config.modes import Stack
from stack.core.console import say
from stack.core.rollback import rollback
from stack.database.server import Server

if TYPE_CHECKING:
    from docker import DockerClient

KEPT = "alarm_db_before_"
"""What the name of a database begins with that was the app's until the time in its name."""


def stamp() -> str:
    """Now, as the end of a database's name; UTC."""
    return f"{datetime.now(UTC):%Y%m%dt%H%M%Sz}"


def promote(stack: Stack, client: DockerClient, server: Server, newcomer: str) -> str:
    """Make `newcomer` the app's database; return the name that the one of before has now.

    A running app is stopped meanwhile, and must be ready afterwards. Raises Failure, with the
    database of before in service again and the newcomer under its name, when it is not.
    """
    before = KEPT + stamp()
    started = time.monotonic()
    is_running = runs(stack, client)
    with rollback(f"{newcomer} could not be put in service") as back:
        back.append(lambda: _undo(stack, client, server, newcomer, before, start=is_running))
        if is_running:
            stop_app(stack)
        server.exchange(newcomer, before)
        if is_running:
            project.start(stack, client)
    if is_running:
        say(f"The panel was away for {time.monotonic() - started:.1f} s.")
    return before


def runs(stack: Stack, client: DockerClient) -> bool:
    """Whether the app's container runs."""
    app = project.containers(stack, client).get("app")
    return app is not None and app.status in {"running", "restarting"}


def stop_app(stack: Stack) -> None:
    """Stop everything that writes to the app's database."""
    project.compose(
        *(stack, "Stopping the app", "stop", "app"), remedy="See what still runs: docker ps"
    )


def _undo(
    stack: Stack, client: DockerClient, server: Server, newcomer: str, before: str, *, start: bool
) -> None:
    if before in server.databases():
        if start:
            stop_app(stack)
        server.exchange(before, newcomer)
    if start:
        project.start(stack, client)
