"""Writing into the checkout, and what is said where that cannot be done."""

from __future__ import annotations

import errno
import os
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.core.console import Failure

FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def explain_write_errors(root: Path) -> Iterator[None]:
    """A Failure names the file that cannot be written, and whether the disk or the owner is why."""
    try:
        yield
    except OSError as error:
        folder = shlex.quote(str(root))
        remedy = f"Make {root} yours: sudo chown -R $(id -u):$(id -g) {folder}"
        if error.errno in FULL:
            remedy = f"Make room: what takes it says df -h {folder}"
        raise Failure(
            f"{error.filename or root} cannot be written: {error.strerror}.", remedy
        ) from error


def write_once(path: Path, text: str, mode: int) -> bool:
    """Write a whole file that did not exist; False when it did. Never a half-written one."""
    if path.exists():
        return False
    temporary = _temporary(path, text.encode(), mode)
    try:
        os.link(temporary, path)  # unlike a rename, it never replaces what came in between
    except FileExistsError:
        return False
    finally:
        os.unlink(temporary)
    return True


def replace(path: Path, content: bytes, mode: int) -> None:
    """Write a whole file in the place of what was there, which belongs to the folder's owner."""
    os.replace(_temporary(path, content, mode), path)


def _temporary(path: Path, content: bytes, mode: int) -> str:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    os.chmod(temporary, mode)
    owner = path.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(temporary, owner.st_uid, owner.st_gid)
    return temporary
