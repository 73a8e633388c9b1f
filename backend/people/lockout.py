"""Pauses after too many wrong attempts, counted in the database, which all processes share."""

import datetime as dt
import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from people.models import Attempts

Result = TypeVar("Result")

IN_A_ROW = 5  # failures until a pause
FIRST_PAUSE = dt.timedelta(seconds=60)
LONGEST_PAUSE = dt.timedelta(hours=1)
FORGOTTEN_AFTER = dt.timedelta(days=1)  # without an attempt


class Refused(Exception):
    """The attempt failed, and counts."""


class LockedOut(Exception):
    """Too many failures; `seconds` (whole, at least 1) until the next attempt is possible."""

    def __init__(self, until: dt.datetime) -> None:
        self.seconds = max(1, math.ceil((until - timezone.now()).total_seconds()))
        super().__init__(f"Too many wrong attempts: try again in {self.seconds} s.")


def attempt(
    limits: Mapping[str, int], check: Callable[[], Result], failed: Callable[[Refused, bool], None]
) -> Result:
    """Return what `check` returns; a Refused that it raises counts against every source.

    `limits` maps each source of the attempt to the failures in a row that it may have; the one that
    reaches a limit raises LockedOut already, with a pause that doubles each time. `failed` is
    called in the transaction that counts, with the fault and whether it led to a pause. Not to be
    called in a transaction: its rollback would undo the count.
    """
    outcome = _attempt(limits, check, failed)
    if isinstance(outcome, Refused | LockedOut):
        raise outcome
    return outcome


def forget() -> None:
    """End every pause: the operator has given access again."""
    Attempts.objects.update(failures=0, pauses=0, locked_until=None)


@transaction.atomic(durable=True)
def _attempt(
    limits: Mapping[str, int],
    check: Callable[[], Result],
    failed: Callable[[Refused, bool], None],
) -> Result | Refused | LockedOut:
    """Do `attempt`, but return the error: an exception would roll back the count."""
    by_digest = {_digest(source): limit for source, limit in limits.items()}
    if until := _locked_until(rows := _locked_rows(by_digest)):
        return LockedOut(until)
    try:
        outcome = check()
    except Refused as fault:
        for row in rows:
            _count(row, by_digest[row.source])
        until = _locked_until(rows)
        failed(fault, until is not None)
        return LockedOut(until) if until else fault
    Attempts.objects.filter(pk__in=by_digest).update(failures=0, pauses=0, locked_until=None)
    return outcome


def _digest(source: str) -> str:
    """Return the key of a source: input of a form is not stored in plain text."""
    return hashlib.sha256(source.encode()).hexdigest()


def _locked_rows(digests: Iterable[str]) -> list[Attempts]:
    """Return a row for each digest, locked, so that parallel attempts wait for each other."""
    now = timezone.now()
    old = Attempts.objects.filter(last_at__lt=now - FORGOTTEN_AFTER)
    Attempts.objects.filter(pk__in=old.select_for_update(skip_locked=True)).delete()
    # Sorted: two attempts that share sources take their locks in the same order.
    Attempts.objects.bulk_create(
        [Attempts(pk=digest, last_at=now) for digest in sorted(digests)],
        update_conflicts=True,
        update_fields=["last_at"],
        unique_fields=["source"],
    )
    return list(Attempts.objects.filter(pk__in=digests))


def _locked_until(rows: list[Attempts]) -> dt.datetime | None:
    """Return when the last of the rows' pauses ends, or None.

    A pause that seems longer than LONGEST_PAUSE began before the clock was set back.
    """
    now = timezone.now()
    latest = now + LONGEST_PAUSE
    ends = [until for row in rows if (until := row.locked_until) and now < until <= latest]
    return max(ends, default=None)


def _count(row: Attempts, limit: int) -> None:
    """Count one failure; the last allowed one begins a pause."""
    row.failures += 1
    if row.failures >= limit:
        pause = min(FIRST_PAUSE * 2 ** min(row.pauses, 10), LONGEST_PAUSE)
        row.failures, row.pauses, row.locked_until = 0, row.pauses + 1, timezone.now() + pause
    row.save()
