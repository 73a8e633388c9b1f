"""Whether Linux lets this user watch more files: Vite and the reloading of Python need it."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

from stack.core.console import Failure

LIMITS = Path("/proc/sys/fs/inotify")
POLL = "or poll: ALARM_POLLING=true in .env"


def exhausted(folder: Path) -> str | None:
    """The limit of inotify that is used up, e.g. `max_user_watches`; None where none is."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    handle = libc.inotify_init1(os.O_CLOEXEC)
    if handle < 0:
        return "max_user_instances" if ctypes.get_errno() == errno.EMFILE else None
    try:
        in_attrib = 0x4
        watch = libc.inotify_add_watch(handle, os.fsencode(folder), in_attrib)
        is_full = watch < 0 and ctypes.get_errno() == errno.ENOSPC
        return "max_user_watches" if is_full else None
    finally:
        os.close(handle)


def require(folder: Path) -> None:
    """Raise Failure when no file below `folder` could be watched."""
    if limit := exhausted(folder):
        raise used_up(limit)


def used_up(limit: str) -> Failure:
    """The Failure for a limit that is used up."""
    number = int((LIMITS / limit).read_text(encoding="ascii"))
    return Failure(
        f"No more files can be watched: all {number} of fs.inotify.{limit} are in use.",
        f"Type: sudo sysctl fs.inotify.{limit}={number * 8}   ({POLL})",
    )
