"""The stacks of a checkout: how they are called, and which ones run from it already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from stack.compose.project import PROJECT_LABEL, Project
from stack.config import dotenv, project_name
from stack.config.modes import DEBUGPY, DEFAULT_PORT, DEV, LOCAL, ROOT, Mode, parse_port
from stack.core.console import Failure
from stack.engine import docker_engine

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

FOLDER_LABEL = "com.docker.compose.project.working_dir"


def standard(mode: Mode) -> Project:
    """The stack that `inv dev` or `inv prod` means, on the port that the person chose.

    Raises Failure when ALARM_PORT is no port number, or .env cannot be read.
    """
    port = dotenv.setting(ROOT, "ALARM_PORT")
    return of_checkout(ROOT, mode, parse_port(port) if port else DEFAULT_PORT)


def of_checkout(root: Path, mode: Mode, port: int) -> Project:
    """The stack of a mode that runs from `root`, under the name of that checkout."""
    return Project(mode, f"{name_of(root)}-{mode.name}", port, root)


def name_of(root: Path) -> str:
    """The name of the checkout's stacks. Raises Failure when the one that is set cannot be one.

    Where none is set it is the name of what plain Docker Compose has started from the checkout.
    """
    return project_name.chosen(root) or _in_use(root) or project_name.from_path(root)


def folder_of(container: Container) -> Path | None:
    """The checkout that a container of Docker Compose was started from, where it still is."""
    folder = container.labels.get(FOLDER_LABEL, "")
    return Path(folder).resolve() if folder and Path(folder).is_dir() else None


@cache  # it must not change while a command runs
def _in_use(root: Path) -> str | None:
    try:
        projects = dict(_projects(docker_engine.connect()))
    except Failure:
        return None
    for mode in project_name.MODES:
        for project, folder in projects.items():
            found = project_name.mode_of(project)
            if folder == root.resolve() and found and found[1] == mode:
                return found[0]
    return None


def _projects(client: DockerClient) -> Iterator[tuple[str, Path | None]]:
    """Each project of Docker Compose on this engine with the folder that it was started from."""
    found = client.containers.list(all=True, filters={"label": PROJECT_LABEL}, ignore_removed=True)
    for container in found:
        yield container.labels[PROJECT_LABEL], folder_of(container)


def with_debugpy(project: Project) -> Project:
    """The same stack with a port for an editor. Raises Failure where the code is not a person's."""
    if project.mode is LOCAL:
        raise Failure("--debugpy needs the containers of inv dev.", "Get an engine: inv engine")
    if project.mode is not DEV:
        raise Failure("--debugpy is for development.", "Type: inv dev --debugpy")
    return replace(project, overlay=DEBUGPY)
