"""Events of persons and codes, as a signal: the history belongs to the alarm, one layer above."""

from django.dispatch import Signal

from core.sentences import Sentence
from people.actors import Actor

recorded = Signal()
"""Receivers get `kind`, `cause`, `actor` and `detail`, in the sender's transaction."""


def record(kind: str, detail: Sentence, *, actor: Actor, cause: str = "api") -> None:
    """Have an event written in the caller's transaction.

    The receiver takes the alarm's lock: take all of your own locks before.
    """
    recorded.send(sender=None, kind=kind, detail=detail, actor=actor, cause=cause)
