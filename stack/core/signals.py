"""Interruption by Ctrl-C, by a closed terminal, or by a kill."""

from __future__ import annotations

import errno
import os
import signal
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def interrupt_once() -> Iterator[None]:
    """In the block, a closed terminal (SIGHUP) and a kill (SIGTERM) do what Ctrl-C does.

    Only the first one counts: nothing interrupts the cleaning up.
    """
    counted = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal counted
        for each in NUMBERS:
            signal.signal(each, signal.SIG_IGN)
        if not counted:
            counted = True
            let_go_of_a_closed_terminal()
            raise KeyboardInterrupt

    usual = {n: signal.signal(n, interrupt) for n in NUMBERS}
    try:
        yield
    finally:
        if not counted:
            for number, handler in usual.items():
                signal.signal(number, handler)


def let_go_of_a_closed_terminal() -> None:
    """Discard output from here on if the terminal is gone: each line would be an error."""
    for output in (1, 2):
        try:
            termios.tcgetattr(output)
        except termios.error as error:
            if error.args[0] == errno.EIO:  # else it is a file or a pipe
                discard_output(output)


def discard_output(descriptor: int) -> None:
    """Let a standard stream lead nowhere from here on: Python writes to it once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


@contextmanager
def uninterruptible() -> Iterator[None]:
    """Nothing interrupts the block."""
    usual = {n: signal.signal(n, signal.SIG_IGN) for n in NUMBERS}
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
