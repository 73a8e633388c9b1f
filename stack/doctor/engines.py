"""The engine, its plugins, and the context that leads to it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stack import engine, engine_install
from stack.console import Failure
from stack.doctor.check import Check
from stack.engine_versions import MINIMUM_COMPOSE, MINIMUM_ENGINE, Facts, dotted

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
    yield Check(
        f"Docker Engine >= {dotted(MINIMUM_ENGINE[:2])}",
        facts.server_is_new_enough,
        found,
        remedy,
    )
    yield from _plugins(facts)
    newer = list(facts.newer_than_run())
    yield Check(
        "tested versions",
        not newer,
        f"{', '.join(newer)}, with which nothing was tested" if newer else "all of them",
        "Go on; if something fails, report it with the output of: inv doctor --json",
        is_hint=True,
    )
    if (answering := client()) is not None:
        yield _clock(answering)


def _plugins(facts: Facts) -> Iterator[Check]:
    failures = engine_install.plugin_failures(facts)
    versions = {
        "compose": (f"Docker Compose >= {dotted(MINIMUM_COMPOSE)}", facts.compose),
        "buildx": (f"Buildx >= {dotted(facts.needed_buildx)}", facts.buildx),
    }
    for plugin, (name, version) in versions.items():
        if failure := failures.get(plugin):
            there_is_nothing = facts.server is None and version is None
            remedy = "inv engine" if there_is_nothing else failure.remedy
            yield Check(name, False, failure.what, remedy)
        else:
            yield Check(name, True, str(version))


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
