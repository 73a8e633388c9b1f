"""Checks of Python, disk, memory, file watches, and the file system of the checkout."""

from __future__ import annotations

import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from stack.compose.project import bind_address
from stack.config import dotenv
from stack.config.modes import ROOT
from stack.core import watches
from stack.doctor.check import Check
from stack.engine.disk import GIB, LEAST_INODES, free_inodes, images_folder

if TYPE_CHECKING:
    from docker import DockerClient

DISK_GIB = 4
"""What images, build cache and a new database take, and some reserve."""

MEMORY_GIB = 1
"""What a build and the processes of both modes take together."""

PYTHON = (3, 11)

OPEN_FILES = 1024
"""Some hundred for Vite; each browser takes two of Daphne's."""

NETWORKS = 31
"""How many the engine's default address pools give."""

WATCHES = {"max_user_watches": 65_536, "max_user_instances": 128}
"""Linux's limits on watched files for one user (inotify): Vite and editors share them."""

WITHOUT_EVENTS = {"9p", "drvfs", "v9fs", "vboxsf", "prl_fs", "nfs", "nfs4", "cifs", "smb3"}
WITHOUT_EVENTS |= {"fuse.sshfs", "fuseblk", "smbfs"}
"""File systems that do not report each save, or that are slow from a container."""


def checks(client: DockerClient | None) -> Iterator[Check]:
    """All checks of this module; `client` is None where no engine answers."""
    yield Check(
        f"Python >= {PYTHON[0]}.{PYTHON[1]}",
        sys.version_info >= PYTHON,
        platform.python_version(),
        "Type: sudo apt install python3 python3-venv   then ./bootstrap inv doctor",
    )
    yield disk(images_folder(client))
    yield _inodes(images_folder(client))
    yield _memory()
    if watches.LIMITS.is_dir():
        yield _watches()
    yield _open_files()
    yield from _bind_address()
    if client is not None:
        yield _networks(client)
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


def _inodes(folder: Path) -> Check:
    left = free_inodes(folder)
    ok = left is None or left >= LEAST_INODES
    found = "no limit" if left is None else f"{left} free below {folder}"
    return Check("inodes", ok, found, "Remove files, for example: docker builder prune")


def _open_files() -> Check:
    """Of this shell: processes without containers inherit it; containers have the engine's."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    ok = soft == resource.RLIM_INFINITY or soft >= OPEN_FILES
    more = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    return Check(
        "open files",
        ok,
        f"a process may have {soft} open; inv local needs {OPEN_FILES}" if not ok else str(soft),
        f"Type: ulimit -n {more}   then inv local",
        is_hint=True,
    )


def _bind_address() -> Iterator[Check]:
    """Whether the port can be opened before the network is up, as after a power cut."""
    address = bind_address(ROOT)
    early = Path("/proc/sys/net/ipv4/ip_nonlocal_bind")
    if address in {"", "0.0.0.0", "::", "::1"} or address.startswith("127.") or not early.exists():
        return
    yield Check(
        "ALARM_BIND",
        early.read_text(encoding="ascii").strip() == "1",
        f"{address}: if the engine starts before the network, the stack stays down",
        "Type: sudo sysctl net.ipv4.ip_nonlocal_bind=1   (to keep it: a file in /etc/sysctl.d)",
        is_hint=True,
    )


def _networks(client: DockerClient) -> Check:
    """Whether the engine has address ranges left; each stack of production takes two."""
    used = len(client.networks.list(filters={"driver": "bridge"}))
    own_pools = client.info().get("DefaultAddressPools")
    return Check(
        "networks",
        bool(own_pools) or used <= NETWORKS - 2,
        f"{used} of about {NETWORKS} that the engine has addresses for"
        if not own_pools
        else str(used),
        "Remove those that nothing uses: docker network prune",
        is_hint=True,
    )


def _watches() -> Check:
    if limit := watches.exhausted(ROOT):
        failure = watches.used_up(limit)
        return Check("file watches", False, failure.what, failure.remedy, is_hint=True)
    limits = {name: int((watches.LIMITS / name).read_text()) for name in WATCHES}
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
    kind, polls = file_system(ROOT), dotenv.setting(ROOT, "ALARM_POLLING") == "true"
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
