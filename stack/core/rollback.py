"""Doing something completely or not at all: each step registers how it is undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from invoke.exceptions import Exit

from stack.core import signals
from stack.core.console import Failure, say

INTERRUPTED = 130


@contextmanager
def report_interrupt_after_commit(undo: Undo, what: str, remedy: str) -> Iterator[None]:
    """After the commit, an interruption raises a Failure: `what` was done, and is not undone."""
    try:
        yield
    except KeyboardInterrupt:
        if not undo.committed:
            raise
        raise Failure(f"Interrupted, after {what} was done.", remedy, INTERRUPTED) from None


class Undo(ExitStack):
    """Calls what is registered if the block fails, until `commit`."""

    committed = False

    def commit(self) -> None:
        """Keep what was done, whatever happens after this."""
        self.committed = True
        self.pop_all()


@contextmanager
def rollback(what: str, undo: Undo) -> Iterator[None]:
    """Do the block; if it fails or is interrupted, call what is in `undo`, last first.

    An undo that fails does not keep the others from running. The exit status of the Failure is 1
    (130 after Ctrl-C) when all is as before, and 2 when it is not, also after the commit.
    """
    try:
        yield
    except BaseException as error:
        if undo.committed:
            if isinstance(error, Failure):
                raise Exit(str(error), code=2) from error
            raise
        interrupted = isinstance(error, KeyboardInterrupt)
        reason = "it was interrupted" if interrupted else getattr(error, "what", None) or error
        with signals.uninterruptible():
            say(f"✗ {what}: {reason}", style="red")
            say("Rolling back; Ctrl-C does not stop that.", style="bold")
            try:
                undo.close()
            except BaseException as worse:
                raise Failure(
                    f"Rolling back failed too: {getattr(worse, 'what', None) or worse}",
                    'See docs/backup.md, "When rolling back fails"',
                    code=2,
                ) from worse
        if not isinstance(error, Exit | KeyboardInterrupt):
            raise
        raise Failure(
            f"Rolled back: {str(reason)[:1].lower()}{str(reason)[1:].rstrip('.')}.",
            getattr(error, "remedy", "Type the command again."),
            code=INTERRUPTED if interrupted else 1,
        ) from error
    else:
        undo.commit()
