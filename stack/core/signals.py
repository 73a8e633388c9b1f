"""Being interrupted: by Ctrl-C, by a terminal that is closed, by a kill."""

from __future__ import annotations

import errno
import os
import signal
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def interrupt_once() -> Iterator[None]:
    """A closed terminal (SIGHUP) and a kill (SIGTERM) mean what Ctrl-C means, in the block.

    Only the first one counts: nothing interrupts the cleaning up and leaving.
    """
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    counted = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal counted
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        if not counted:
            counted = True
            let_go_of_a_closed_terminal()
            raise KeyboardInterrupt

    usual = {n: signal.signal(n, interrupt) for n in numbers}
    try:
        yield
    finally:
        if not counted:
            for number, handler in usual.items():
                signal.signal(number, handler)


def let_go_of_a_closed_terminal() -> None:
    """Discard output from here on where the terminal is gone: each line would be an error."""
    for output in (1, 2):
        try:
            termios.tcgetattr(output)
        except termios.error as error:
            if error.args[0] == errno.EIO:  # else it is a file or a pipe
                os.dup2(os.open(os.devnull, os.O_WRONLY), output)


@contextmanager
def uninterruptible() -> Iterator[None]:
    """Nothing interrupts the block, which is on the way back already."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    usual = {n: signal.signal(n, signal.SIG_IGN) for n in numbers}
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
