"""Room on the disk that the engine's images and volumes are on."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from stack.config.modes import ROOT
from stack.core.console import Failure
from stack.engine import docker_engine

if TYPE_CHECKING:
    from docker import DockerClient

GIB = 1024**3

LEAST_GIB = 1
"""With less than this, a start is not tried."""

PRUNE = "docker builder prune   (what takes it: docker system df)"


def images_folder(client: DockerClient | None) -> Path:
    """The folder that images and volumes fill; the checkout where that is elsewhere."""
    if (
        client is None
        or "tcp://" in docker_engine.endpoint().host
        or "ssh://" in docker_engine.endpoint().host
    ):
        return ROOT
    info = client.info()
    folder = Path(info["DockerRootDir"])
    return ROOT if "Desktop" in info["OperatingSystem"] or not folder.is_dir() else folder


def require_room(folder: Path | None = None, remedy: str = PRUNE) -> None:
    """Raise Failure when there is so little room that a start would end half-way.

    In `folder`, or where the engine keeps its images.
    """
    free = shutil.disk_usage(folder or images_folder(docker_engine.connect())).free / GIB
    if free < LEAST_GIB:
        raise Failure(
            f"Only {free:.1f} GiB are free; a start needs {LEAST_GIB}.",
            f"Make room, for example: {remedy}",
        )
