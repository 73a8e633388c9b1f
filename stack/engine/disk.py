"""Room on the disk that the engine's images and volumes are on."""

from __future__ import annotations

import os
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
LEAST_INODES = 20_000
"""What a start needs; node_modules alone is some 15,000 files."""

PRUNE = "docker builder prune   (what takes it: docker system df)"


def images_folder(client: DockerClient | None) -> Path:
    """The folder of images and volumes; the checkout where that is on another machine."""
    if client is None or docker_engine.endpoint().host.startswith(("tcp://", "ssh://")):
        return ROOT
    info = client.info()
    folder = Path(info["DockerRootDir"])
    return ROOT if "Desktop" in info["OperatingSystem"] or not folder.is_dir() else folder


def require_room(folder: Path | None = None, remedy: str = PRUNE) -> None:
    """Raise Failure when `folder`, by default the engine's images, has too little room to start."""
    folder = folder or images_folder(docker_engine.connect())
    free = shutil.disk_usage(folder).free / GIB
    if free < LEAST_GIB:
        raise Failure(
            f"Only {free:.1f} GiB are free; a start needs {LEAST_GIB}.",
            f"Make room, for example: {remedy}",
        )
    if (left := free_inodes(folder)) is not None and left < LEAST_INODES:
        raise Failure(
            f"Only {left} inodes are free below {folder}; a start needs {LEAST_INODES}.",
            f"Remove files, for example: {remedy}",
        )


def free_inodes(folder: Path) -> int | None:
    """How many more files the disk can hold; None where it has no limit (btrfs)."""
    found = os.statvfs(folder)
    return found.f_favail if found.f_files else None
