"""Writing into the checkout, and what is said where that cannot be done."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.console import Failure

FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def into(root: Path) -> Iterator[None]:
    """A Failure names the file that cannot be written, and whether the disk or the owner is why."""
    try:
        yield
    except OSError as error:
        remedy = f"Make {root} yours: sudo chown -R $(id -u):$(id -g) {root}"
        if error.errno in FULL:
            remedy = f"Make room: what takes it says df -h {root}"
        raise Failure(
            f"{error.filename or root} cannot be written: {error.strerror}.", remedy
        ) from error
