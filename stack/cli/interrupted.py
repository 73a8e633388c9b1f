"""Ctrl-C in a command: two lines, which say what it leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from stack.core import signals
from stack.core.console import Failure
from stack.core.rollback import INTERRUPTED

NOTHING_DONE = "Nothing was changed or left behind."


@contextmanager
def in_two_lines(remedy: str = NOTHING_DONE) -> Iterator[None]:
    """Only the first Ctrl-C counts, and it raises a Failure with this second line."""
    try:
        with signals.interrupt_once():
            yield
    except KeyboardInterrupt:
        raise Failure("Interrupted.", remedy, INTERRUPTED) from None
