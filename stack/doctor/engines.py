"""The engine, its plugins, and the context that leads to it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stack.core.console import Failure
from stack.doctor.check import Check
from stack.engine import docker_engine, install
from stack.engine.versions import MINIMUM_COMPOSE, MINIMUM_ENGINE, Facts, dotted

if TYPE_CHECKING:
    from docker import DockerClient

SKEW_SECONDS = 30
"""How far the engine's clock may be off; a virtual machine's is, for example, after a sleep."""


def checks() -> Iterator[Check]:
    """Context, versions, clock."""
    context = _context()
    if not context.ok:
        yield context
        return
    facts = docker_engine.find()
    found, remedy = facts.server or "none answers", "inv engine"
    if facts.server and not facts.server_is_new_enough:
        failure = install.engine_failure(facts)
        found, remedy = failure.what, failure.remedy
    elif facts.server is None:
        try:
            docker_engine.connect().close()
        except Failure as failure:  # with the reason, e.g. that the socket is closed to this user
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
        f"{', '.join(newer)}; not tested with this project" if newer else "all of them",
        "Go on; if something fails, report it with the output of: inv doctor --json",
        is_hint=True,
    )
    if (answering := docker_engine.connect_if_there()) is not None:
        yield _clock(answering)


def _plugins(facts: Facts) -> Iterator[Check]:
    failures = install.plugin_failures(facts)
    for plugin, name, version in (
        ("compose", f"Docker Compose >= {dotted(MINIMUM_COMPOSE)}", facts.compose),
        ("buildx", f"Buildx >= {dotted(facts.needed_buildx)}", facts.buildx),
    ):
        if failure := failures.get(plugin):
            remedy = failure.remedy if facts.server or version else "inv engine"
            yield Check(name, False, failure.what, remedy)
        else:
            yield Check(name, True, str(version))


def _context() -> Check:
    """Whether the chosen docker context exists; --fix goes back to the default one."""
    try:
        where = docker_engine.endpoint()
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
    """The engine's clock compared with this machine's; certificates depend on it."""
    engines = datetime.fromisoformat(client.info()["SystemTime"])
    seconds = abs((datetime.now(UTC) - engines).total_seconds())
    remedy = "Restart the engine's virtual machine (Docker Desktop: Restart)"
    return Check("clock", seconds < SKEW_SECONDS, f"{seconds:.0f} s from the engine's", remedy)
