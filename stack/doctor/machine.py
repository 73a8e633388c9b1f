"""The machine itself: Python, disk, memory, file watches, and the file system of the checkout."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from stack.config import dotenv
from stack.config.modes import ROOT
from stack.doctor.check import Check
from stack.engine.disk import GIB, images_folder

if TYPE_CHECKING:
    from docker import DockerClient

DISK_GIB = 4
"""What images, build cache and a young database take, with room to breathe."""

MEMORY_GIB = 1
"""What a build and the two modes' programs take at once."""

PYTHON = (3, 11)

WATCHES = {"max_user_watches": 65_536, "max_user_instances": 128}
"""Linux's limits on watched files for one user (inotify): Vite and editors share them."""

WITHOUT_EVENTS = {"9p", "drvfs", "v9fs", "vboxsf", "prl_fs", "nfs", "nfs4", "cifs", "smb3"}
WITHOUT_EVENTS |= {"fuse.sshfs", "fuseblk", "smbfs"}
"""File systems that report no saves by other machines, or that are slow from a container."""


def checks(client: DockerClient | None) -> Iterator[Check]:
    """Everything of the machine; `client` is None where no engine answers."""
    yield Check(
        f"Python >= {PYTHON[0]}.{PYTHON[1]}",
        sys.version_info >= PYTHON,
        platform.python_version(),
        "Type: sudo apt install python3 python3-venv   then ./bootstrap inv doctor",
    )
    yield disk(images_folder(client))
    yield _memory()
    if Path("/proc/sys/fs/inotify").is_dir():
        yield _watches()
    yield _file_system()


def disk(folder: Path) -> Check:
    """Whether images, build cache and a database have room there."""
    free = shutil.disk_usage(folder).free / GIB
    remedy = f"Free {DISK_GIB} GiB, for example: docker builder prune"
    return Check("disk", free >= DISK_GIB, f"{free:.1f} GiB free below {folder}", remedy)


def _memory() -> Check:
    import psutil

    free = psutil.virtual_memory().available / GIB
    remedy = "Close what you do not need; a build that runs out of memory is killed"
    return Check("memory", free >= MEMORY_GIB, f"{free:.1f} GiB available", remedy, is_hint=True)


def _watches() -> Check:
    limits = {name: int(Path("/proc/sys/fs/inotify", name).read_text()) for name in WATCHES}
    low = [name for name, least in WATCHES.items() if limits[name] < least]
    raised = " ".join(f"fs.inotify.{name}={WATCHES[name] * 8}" for name in low)
    return Check(
        "file watches",
        not low,
        ", ".join(f"{name} {limit}" for name, limit in limits.items()),
        f"Type: sudo sysctl {raised}   (to keep it: a file in /etc/sysctl.d)",
        is_hint=True,
    )


def _file_system() -> Check:
    kind, polls = file_system(ROOT), _polls()
    ok = kind not in WITHOUT_EVENTS or polls
    away = (
        "Move the checkout into WSL's own file system, e.g. ~/alarm"
        if "microsoft" in platform.release().lower()
        else "Move the checkout to a local disk"
    )
    found = f"{kind}, with polling" if polls else kind
    if not ok:
        found += ": saves may go unnoticed, and be slow"
    return Check(
        "file system", ok, found, f"{away}, or set ALARM_POLLING=true in .env", is_hint=True
    )


def file_system(path: Path) -> str:
    """The kind of file system that holds `path`, e.g. `ext4`."""
    import psutil

    mounts = psutil.disk_partitions(all=True)
    holding = [m for m in mounts if path.is_relative_to(m.mountpoint)]
    return max(holding, key=lambda m: len(m.mountpoint)).fstype if holding else "unknown"


def _polls() -> bool:
    return dotenv.setting(ROOT, "ALARM_POLLING") == "true"
