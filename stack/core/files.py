"""Writing whole files, and a Failure where the checkout cannot be written."""

from __future__ import annotations

import atexit
import errno
import os
import secrets
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

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
    with _written_beside(path, text.encode(), mode) as made:
        try:
            os.link(made, path)  # unlike a rename, it never replaces a file
        except FileExistsError:
            return False
    return True


def replace(path: Path, content: bytes, mode: int) -> None:
    """Write a whole file in place of another, for the folder's owner."""
    with _written_beside(path, content, mode) as made:
        os.replace(made, path)


@contextmanager
def _written_beside(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    with temporary(path.parent, f".{path.name}-") as made:
        with create(made) as stream:
            stream.write(content)
        made.chmod(mode)
        give_to_owner_of_folder(made)
        yield made


@contextmanager
def temporary(folder: Path, prefix: str, suffix: str = "") -> Iterator[Path]:
    """A path where nothing is yet; the file or folder that the block makes there is removed.

    Unlike with tempfile, an interruption leaves nothing: the name exists before the file.
    """
    path = folder / f"{prefix}{secrets.token_hex(4)}{suffix}"
    remove = partial(_remove, path)
    # An interruption may also come just before the `try`, or in the `finally`.
    atexit.register(remove)
    try:
        yield path
    finally:
        remove()
        atexit.unregister(remove)


@contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """A folder of mode 0700 in the system's place for such folders; it is removed."""
    with temporary(Path(tempfile.gettempdir()), prefix) as folder:
        folder.mkdir(mode=0o700)
        yield folder


def create(path: Path) -> BinaryIO:
    """Open a new file of mode 0600, to write and to read."""
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b")


def _remove(path: Path) -> None:
    shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        path.unlink()


def give_to_owner_of_folder(path: Path) -> None:
    """Let what root has made belong to the owner of the folder, as all of the checkout does."""
    owner = path.parent.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(path, owner.st_uid, owner.st_gid)
