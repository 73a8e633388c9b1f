"""The Docker engine: finding one, and installing and starting one where there is none.

An engine that is there already is never stopped, restarted or configured.
"""

from __future__ import annotations

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stack.core.console import Failure, say
from stack.engine.versions import Facts

if TYPE_CHECKING:
    from docker import DockerClient

ANSWER_SECONDS = 60
"""How long a running engine may take for one answer, e.g. while it builds."""


def find() -> Facts:
    """The versions of what is there. Starts and changes nothing."""
    with ThreadPoolExecutor() as threads:
        compose = threads.submit(_plugin, "compose", "--short")
        buildx = threads.submit(_plugin, "buildx")
        server = _server()
        is_podman = "Podman" in str(server.get("Components"))
        return Facts(server.get("Version"), compose.result(), buildx.result(), is_podman)


def _server() -> dict[str, Any]:
    """What the engine says of its version; empty where none answers."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        return connect().version()
    except (Failure, DockerException, RequestException):
        return {}


def _plugin(name: str, *options: str) -> str | None:
    try:
        answer = subprocess.run(
            ["docker", name, "version", *options],
            capture_output=True,
            text=True,
            timeout=ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    # `docker buildx version` says `github.com/docker/buildx v0.30.0 <commit>`.
    found = re.search(r"(?<![\w.])v?(\d+\.\d+\S*)", answer.stdout)
    return found[1] if answer.returncode == 0 and found else None


@dataclass(frozen=True)
class Endpoint:
    """Where the Docker CLI would look for its engine."""

    host: str
    """E.g. `unix:///var/run/docker.sock`, `ssh://me@there`, `npipe:////./pipe/docker_engine`."""

    reset_command: str = ""
    """The command that goes back to the default; empty for the default itself."""

    builder: str = "default"
    """The Buildx builder in this engine, named after the context. Others do not see its images."""

    @property
    def is_chosen(self) -> bool:
        """Whether the user has chosen it, instead of the default."""
        return bool(self.reset_command)

    @property
    def is_denied(self) -> bool:
        """Whether it is a socket that exists and that this process may not use."""
        path = Path(self.host.removeprefix("unix://"))
        return path.is_socket() and not os.access(path, os.R_OK | os.W_OK)


def endpoint() -> Endpoint:
    """The endpoint by the CLI's own order: DOCKER_HOST, DOCKER_CONTEXT, the current context.

    Raises Failure when the chosen context does not exist.
    Source: https://docs.docker.com/engine/manage-resources/contexts/
    """
    from docker.context import ContextAPI

    if host := os.environ.get("DOCKER_HOST"):
        return Endpoint(host, "unset DOCKER_HOST")
    name = os.environ.get("DOCKER_CONTEXT")
    undo = "unset DOCKER_CONTEXT" if name else "docker context use default"
    context = ContextAPI.get_context(name)
    if context is None or context.Host is None:
        raise Failure("The chosen docker context does not exist.", f"Type: {undo}")
    return Endpoint(context.Host, "" if context.Name == "default" else undo, context.Name)


def is_there() -> bool:
    """Whether an engine answers, or is chosen by the user, or is closed to this process."""
    where = endpoint()
    if where.is_denied or where.is_chosen:
        return True
    try:
        connect().close()
    except Failure:
        return False
    return True


def connect() -> DockerClient:
    """A client of the engine that the Docker CLI would use. Raises Failure when none answers."""
    import docker
    from docker.errors import DockerException

    where = endpoint()
    try:
        return docker.from_env(timeout=ANSWER_SECONDS, use_ssh_client=True)
    except DockerException as error:
        raise _no_answer(where) from error


def connect_if_there() -> DockerClient | None:
    """A client of the engine, or None where none answers."""
    try:
        return connect()
    except Failure:
        return None


def _no_answer(where: Endpoint) -> Failure:
    """The Failure for an endpoint that does not answer, with its remedy."""
    if where.is_denied:
        return Failure(
            f"You may not use the Docker engine's socket ({where.host}).",
            'Type: sudo usermod -aG docker "$USER"  then log in again  (or do without: inv local)',
        )
    if where.is_chosen:
        return Failure(
            f"No Docker engine answers at {where.host}.",
            f"Start it there; or, for an engine on this machine: {where.reset_command}",
        )
    return Failure("No Docker engine answers.", "Type: inv engine   (or do without: inv local)")


def is_rootless(client: DockerClient) -> bool:
    """Whether the engine runs as an unprivileged user, which its containers see as root."""
    return "name=rootless" in client.info().get("SecurityOptions", [])


def limits_processors(client: DockerClient) -> bool:
    """Whether a container may have `cpus`: some kernels, and rootless on cgroup v1, lack quotas."""
    return bool(client.info().get("CpuCfsQuota", True))


def processors(client: DockerClient) -> int:
    """How many the engine's machine has: a container's `cpus` may not be more."""
    return int(client.info()["NCPU"])


def ensure() -> Facts:
    """Find an engine with Compose and Buildx; install and start all three where no engine is.

    Where an engine is, nothing is installed: it may be serving. Raises Failure for what is missing
    then, and where this user or this system cannot install.
    """
    from stack.engine import install  # start-up time of inv --list

    facts = find()
    if facts.server is None:
        where = endpoint()
        if where.is_denied or where.is_chosen:
            raise _no_answer(where)
        install.install_engine()
        install.start(_server)
        facts = find()
    if not facts.server_is_new_enough:
        raise install.engine_failure(facts)
    for failure in install.plugin_failures(facts).values():
        raise failure
    say(f"✓ Docker Engine {facts.server}, Compose {facts.compose}, Buildx {facts.buildx}")
    return facts
