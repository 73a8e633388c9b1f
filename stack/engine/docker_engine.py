"""The Docker engine: finding one, and installing and starting one where there is none.

An engine that is there already is never stopped, restarted or configured.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from stack.core.console import Failure, say
from stack.engine.versions import MINIMUM_ENGINE, Facts, dotted

if TYPE_CHECKING:
    from docker import DockerClient

USUAL_SOCKET = "/var/run/docker.sock"

ANSWER_SECONDS = 60
"""How long a running engine may take for one answer, e.g. while it builds."""


def find() -> Facts:
    """Look at what is there; starts and changes nothing."""
    return Facts(_server(), _plugin("compose", "--short"), _plugin("buildx"))


def _server() -> str | None:
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        return str(connect().version()["Version"])
    except (Failure, DockerException, RequestException):
        return None


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

    chosen_by: str = ""
    """What the person chose it with, and how to take that back; empty for the default."""

    builder: str = "default"
    """Buildx's name for this engine's own builder; others do not see the engine's images."""

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


def builder() -> str:
    """The name of the builder that builds in the engine itself: it is named after the context."""
    return endpoint().builder


def is_there() -> bool:
    """Whether there is an engine to speak of: one that answers, or that the person has chosen."""
    if _answers(USUAL_SOCKET):  # of what the SDK would say, which takes long to import
        return True
    where = endpoint()
    if where.is_denied or where.chosen_by:
        return True
    try:
        connect().close()
    except Failure:
        return False
    return True


def _answers(path: str) -> bool:
    """Source: https://docs.docker.com/reference/api/engine/, SystemPing."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.connect(path)
            connection.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return connection.recv(64).startswith(b"HTTP/1.0 200 ")
        except OSError:
            return False


def connect() -> DockerClient:
    """A client of the engine that the Docker CLI would use. Raises Failure when none answers."""
    import docker
    from docker.errors import DockerException

    where = endpoint()
    try:
        return docker.from_env(timeout=ANSWER_SECONDS, use_ssh_client=True)
    except DockerException as error:
        raise _silence(where) from error


@dataclass(frozen=True)
class Engine:
    """The engine that the Docker CLI would use; connected to when it is first asked."""

    @cached_property
    def client(self) -> DockerClient:
        """Its client. Raises Failure when none answers."""
        return connect()


def _silence(where: Endpoint) -> Failure:
    """The Failure for an endpoint that does not answer, with its remedy."""
    if where.is_denied:
        return Failure(
            f"You may not use the Docker engine's socket ({where.host}).",
            'Type: sudo usermod -aG docker "$USER"   then log out and in again',
        )
    if where.chosen_by:
        return Failure(
            f"No Docker engine answers at {where.host}.",
            f"Start it there; or, for an engine on this machine: {where.chosen_by}",
        )
    return Failure("No Docker engine answers.", "Type: inv engine   (or do without: inv local)")


def is_rootless(client: DockerClient) -> bool:
    """Whether the engine runs as an unprivileged user, which its containers see as root."""
    return "name=rootless" in client.info().get("SecurityOptions", [])


def limits_processors(client: DockerClient) -> bool:
    """Whether a container may have `cpus`: some kernels, and rootless on cgroup v1, lack quotas."""
    return bool(client.info().get("CpuCfsQuota", True))


def ensure() -> Facts:
    """Find an engine with Compose and Buildx; install and start all three where no engine is.

    Where one is, nothing is installed: it may be serving. Raises Failure, with what to type, for
    what is missing then, and where installing takes another user or another system.
    """
    from stack.engine import install  # start-up time of inv --list

    facts = find()
    if facts.server is None:
        where = endpoint()
        if where.is_denied or where.chosen_by:
            raise _silence(where)
        install.install_engine()
        install.start(_server)
        facts = find()
    if not facts.server_is_new_enough:
        raise Failure(
            f"Docker Engine {facts.server} is too old; {dotted(MINIMUM_ENGINE)} is needed.",
            install.INSTALL_BY_HAND,
        )
    for failure in install.plugin_failures(facts).values():
        raise failure
    say(f"✓ Docker Engine {facts.server}, Compose {facts.compose}, Buildx {facts.buildx}")
    return facts
