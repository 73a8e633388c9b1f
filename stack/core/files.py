"""Writing whole files, and a Failure where the checkout cannot be written."""

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
    """Raise a Failure for an OSError: the file, and whether the disk or the owner is the cause."""
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
    """Write a whole file, or nothing where it exists; whether it was written."""
    if path.exists():
        return False
    temporary = _temporary(path, text.encode(), mode)
    try:
        os.link(temporary, path)  # unlike a rename, it never replaces a file
    except FileExistsError:
        return False
    finally:
        os.unlink(temporary)
    return True


def replace(path: Path, content: bytes, mode: int) -> None:
    """Write a whole file in place of another, for the folder's owner."""
    os.replace(_temporary(path, content, mode), path)


def _temporary(path: Path, content: bytes, mode: int) -> str:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    os.chmod(temporary, mode)
    give_to_owner_of_folder(Path(temporary))
    return temporary


def give_to_owner_of_folder(path: Path) -> None:
    """Let what root has made belong to the owner of the folder, as all of the checkout does."""
    owner = path.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(path, owner.st_uid, owner.st_gid)
