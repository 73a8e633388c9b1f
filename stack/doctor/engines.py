"""The engine, its plugins, and the context that leads to it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stack import engine
from stack.console import Failure
from stack.doctor.check import Check

if TYPE_CHECKING:
    from docker import DockerClient

SKEW_SECONDS = 30
"""By so much the clock of an engine in a virtual machine may be wrong, e.g. after a sleep."""


def client() -> DockerClient | None:
    """The engine, or None where none answers."""
    try:
        return engine.client()
    except Failure:
        return None


def checks() -> Iterator[Check]:
    """Context, versions, clock."""
    context = _context()
    if not context.ok:
        yield context
        return
    facts = engine.find()
    found, remedy = facts.server or "none answers", "inv engine"
    if facts.server is None:
        try:
            engine.client().close()
        except Failure as failure:  # it knows why, e.g. that the socket is closed to this user
            found, remedy = failure.what, failure.remedy
    least = ".".join(map(str, engine.MINIMUM_COMPOSE))
    needed = ".".join(map(str, engine.MINIMUM_ENGINE[:2]))
    yield Check(
        f"Docker Engine >= {needed}",
        facts.server_is_new_enough,
        found,
        remedy,
    )
    yield Check(
        f"Docker Compose >= {least}",
        facts.compose_is_new_enough,
        facts.compose or "missing",
        "inv engine",
    )
    yield Check("Buildx", facts.buildx is not None, facts.buildx or "missing", "inv engine")
    if (answering := client()) is not None:
        yield _clock(answering)


def _context() -> Check:
    """Whether the chosen docker context exists; one that `docker context use` chose is undone."""
    try:
        where = engine.endpoint()
    except Failure as failure:
        by_variable = "DOCKER_CONTEXT" in os.environ
        fix = None if by_variable else _use_default_context
        return Check("docker context", False, failure.what, failure.remedy, fix=fix)
    return Check("docker context", True, where.builder)


def _use_default_context() -> None:
    done = subprocess.run(
        ["docker", "context", "use", "default"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise OSError(done.stderr.strip())


def _clock(client: DockerClient) -> Check:
    """The engine's clock against this machine's: certificates and `make` go by it."""
    said = client.info()["SystemTime"]
    engines = datetime.fromisoformat(said[:19]).replace(tzinfo=UTC)
    if said[-6:-5] in "+-":  # an engine that tells its local time
        engines = datetime.fromisoformat(said[:19] + said[-6:])
    seconds = abs((datetime.now(UTC) - engines).total_seconds())
    remedy = "Restart the engine's virtual machine (Docker Desktop: Restart)"
    return Check("clock", seconds < SKEW_SECONDS, f"{seconds:.0f} s from the engine's", remedy)
