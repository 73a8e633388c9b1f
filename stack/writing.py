"""Writing into the checkout, and what is said where that cannot be done."""

from __future__ import annotations

import errno
import shlex
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
        folder = shlex.quote(str(root))
        remedy = f"Make {root} yours: sudo chown -R $(id -u):$(id -g) {folder}"
        if error.errno in FULL:
            remedy = f"Make room: what takes it says df -h {folder}"
        raise Failure(
            f"{error.filename or root} cannot be written: {error.strerror}.", remedy
        ) from error
