"""Doing something wholly or not at all: each step says how it is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from invoke.exceptions import Exit

from stack.core import signals
from stack.core.console import Failure, say

INTERRUPTED = 130


@contextmanager
def rollback(what: str) -> Iterator[list[Callable[[], None]]]:
    """Do the block; if it fails or is interrupted, do what it has put into the list, last first.

    The Failure that follows says which of the two happened: exit status 1 (130 after Ctrl-C) means
    that all is as before, 2 that it is not.
    """
    steps: list[Callable[[], None]] = []
    try:
        yield steps
    except BaseException as error:
        interrupted = isinstance(error, KeyboardInterrupt)
        reason = "it was interrupted" if interrupted else getattr(error, "what", None) or error
        with signals.uninterruptible():
            try:
                say(f"✗ {what}: {reason}", style="red")
                say("Going back to before; Ctrl-C does not stop that.", style="bold")
                for step in reversed(steps):
                    step()
            except BaseException as worse:
                raise Failure(
                    f"Going back failed too: {getattr(worse, 'what', None) or worse}",
                    'What is where: docs/backup.md, "When going back fails"',
                    code=2,
                ) from worse
        if not isinstance(error, Exit | KeyboardInterrupt):
            raise
        raise Failure(
            f"All is as before, because {str(reason)[:1].lower()}{str(reason)[1:].rstrip('.')}.",
            getattr(error, "remedy", "Again, when it suits."),
            code=INTERRUPTED if interrupted else 1,
        ) from error
