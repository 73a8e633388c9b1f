"""What the stacks of a checkout are called, so that two checkouts share nothing.

The name is `ALARM_NAME` of the environment or of `.env`, where `inv env` writes it; the project of
a mode is that and the mode, e.g. `alarm-3f9a1c-dev`. The root compose files say the same, so plain
`docker compose` means the same stack. Where nothing is written yet they fall back to the folder's
path, and this module to whatever runs from the checkout already.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from stack.console import Failure, say

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

VARIABLE = "ALARM_NAME"

LEGACY = "alarm"
"""The name that every checkout had before checkouts had names of their own."""

MODES = ("prod", "dev")  # in the order of what its data is worth
PROJECT_LABEL = "com.docker.compose.project"
FOLDER_LABEL = "com.docker.compose.project.working_dir"


def name_of(root: Path) -> str:
    """The name of the checkout's stacks. Raises Failure when the one that is set cannot be one."""
    from stack import env_file

    settings = env_file.read(root / ".env")
    if chosen := os.environ.get(VARIABLE) or settings.get(VARIABLE):
        if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", chosen):
            raise Failure(
                f"{VARIABLE} is {chosen!r}, which Docker Compose takes for no name.",
                f"Use small letters, digits, - and _, for example: {VARIABLE}={LEGACY}",
            )
        return chosen
    return _in_use(root) or from_path(root)


def from_path(root: Path) -> str:
    """A name that no other folder of this machine gets: `alarm-` and six characters."""
    digest = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()
    return f"{LEGACY}-{digest[:6]}"


def folder_of(container: Container) -> Path | None:
    """The checkout that a container of Docker Compose was started from, where it still is."""
    folder = container.labels.get(FOLDER_LABEL, "")
    return Path(folder).resolve() if folder and Path(folder).is_dir() else None


def mode_of(project: str) -> tuple[str, str] | None:
    """The name and the mode in a project's name; None for a project of somebody else's."""
    name, _, mode = project.rpartition("-")
    return (name, mode) if name and mode in MODES else None


@cache  # it must not change, or be said twice, while a command runs
def _in_use(root: Path) -> str | None:
    """The name of what was started from this checkout before `.env` held one."""
    from stack import engine

    try:
        client = engine.client()
    except Failure:
        return None
    projects = dict(_projects(client))
    for mode in MODES:
        for project, folder in projects.items():
            if folder == root.resolve() and (found := mode_of(project)) and found[1] == mode:
                return found[0]
    return _legacy(root, client, projects)


def _legacy(root: Path, client: DockerClient, projects: dict[str, Path | None]) -> str | None:
    """`alarm`, if data of that name is there and can only be this checkout's."""
    volumes = [f"{LEGACY}-{mode}_db_data" for mode in MODES]
    kept = [volume.name for volume in client.volumes.list() if volume.name in volumes]
    owned = {projects.get(f"{LEGACY}-{mode}") for mode in MODES} - {None}
    if not kept or owned:
        return None
    if (root / ".env").exists() and (root / ".secrets").exists():
        return LEGACY
    say(
        f"{kept[0]} of an earlier checkout stays as it is; to use it here: {VARIABLE}={LEGACY} "
        "in .env",
        style="dim",
    )
    return None


def _projects(client: DockerClient) -> Iterator[tuple[str, Path | None]]:
    """Each project of Docker Compose on this engine with the folder that it was started from."""
    found = client.containers.list(all=True, filters={"label": PROJECT_LABEL}, ignore_removed=True)
    for container in found:
        yield container.labels[PROJECT_LABEL], folder_of(container)
