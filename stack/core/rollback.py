"""Doing something wholly or not at all: each step registers how it is undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from invoke.exceptions import Exit

from stack.core import signals
from stack.core.console import Failure, say

INTERRUPTED = 130


@contextmanager
def truth_after_commit(undo: Undo, what: str, remedy: str) -> Iterator[None]:
    """An interruption that comes after the commit says that it was too late to undo `what`."""
    try:
        yield
    except KeyboardInterrupt:
        if not undo.committed:
            raise
        raise Failure(f"Interrupted, after {what} was done.", remedy, INTERRUPTED) from None


class Undo(ExitStack):
    """What is to be called if the block fails; nothing from `commit` on."""

    committed = False

    def commit(self) -> None:
        """From here on what was done stays: an error is no reason to undo it."""
        self.committed = True
        self.pop_all()


@contextmanager
def rollback(what: str, undo: Undo) -> Iterator[None]:
    """Do the block; if it fails or is interrupted, call what is in `undo`, last first.

    An undo that fails does not keep the others from running. The Failure that follows says which
    of the two happened: exit status 1 (130 after Ctrl-C) means that all is as before, 2 that it is
    not, also where something failed after the commit.
    """
    try:
        yield
    except BaseException as error:
        if undo.committed:
            if isinstance(error, Failure):
                raise Failure(error.what, error.remedy, code=2) from error
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
                    'What is where: docs/backup.md, "When rolling back fails"',
                    code=2,
                ) from worse
        if not isinstance(error, Exit | KeyboardInterrupt):
            raise
        raise Failure(
            f"All is as before, because {str(reason)[:1].lower()}{str(reason)[1:].rstrip('.')}.",
            getattr(error, "remedy", "Again, when it suits."),
            code=INTERRUPTED if interrupted else 1,
        ) from error
    else:
        undo.commit()
