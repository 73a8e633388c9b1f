"""The stacks of a checkout and their names."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from stack.compose.project import PROJECT_LABEL, Project
from stack.config import dotenv, project_name
from stack.config.modes import DEBUGPY, DEFAULT_PORT, DEV, LOCAL, PROD, ROOT, Mode, parse_port
from stack.core.console import Failure
from stack.engine import docker_engine

if TYPE_CHECKING:
    from docker.models.containers import Container

FOLDER_LABEL = "com.docker.compose.project.working_dir"


def project_of(mode: Mode) -> Project:
    """The stack of `inv dev` or `inv prod`, on the port that ALARM_PORT sets.

    Raises Failure if that is not a port number, or .env cannot be read.
    """
    port = dotenv.setting(ROOT, "ALARM_PORT")
    return of_checkout(ROOT, mode, parse_port(port) if port else DEFAULT_PORT)


def of_checkout(root: Path, mode: Mode, port: int) -> Project:
    """The stack of a mode that runs from `root`, under the name of that checkout."""
    return Project(mode, f"{name_of(root)}-{mode.name}", port, root)


def name_of(root: Path) -> str:
    """The name of the checkout's stacks. Raises Failure if ALARM_NAME is not a valid one.

    Without ALARM_NAME it is the name of what plain Docker Compose has started from the checkout.
    """
    return project_name.chosen(root) or _in_use(root) or project_name.from_path(root)


def folder_of(container: Container) -> Path | None:
    """The folder that a container was started from, if it still exists."""
    folder = container.labels.get(FOLDER_LABEL, "")
    return Path(folder).resolve() if folder and Path(folder).is_dir() else None


@cache  # it must not change while a command runs
def _in_use(root: Path) -> str | None:
    client = docker_engine.connect_if_there()
    if client is None:
        return None
    found = client.containers.list(all=True, filters={"label": PROJECT_LABEL}, ignore_removed=True)
    own = [c.labels[PROJECT_LABEL] for c in found if folder_of(c) == root.resolve()]
    names = {mode: name for name, mode in filter(None, map(project_name.mode_of, own))}
    return names.get(PROD.name) or names.get(DEV.name)


def with_debugpy(project: Project) -> Project:
    """The same stack with a port for a debugger. Raises Failure outside of `inv dev`."""
    if project.mode is LOCAL:
        raise Failure("--debugpy needs the containers of inv dev.", "Get an engine: inv engine")
    if project.mode is not DEV:
        raise Failure("--debugpy is for development.", "Type: inv dev --debugpy")
    return replace(project, overlay=DEBUGPY)
