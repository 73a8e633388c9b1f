"""Pauses after too many wrong attempts, counted in the database, which all processes share.

Failures fade with time, and a success forgives none of them, unless it shows that the secret which
was guessed at is known. Otherwise a guess at another's PIN would be free after one's own.
"""

import datetime as dt
import hashlib
import math
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from django.db import transaction
from django.utils import timezone

from people.models import Attempts

Result = TypeVar("Result")

LIMIT = 5  # failures until a pause
FADES_AFTER = dt.timedelta(hours=1)  # each failure
PAUSE_FADES_AFTER = dt.timedelta(days=1)  # each doubling
FIRST_PAUSE = dt.timedelta(seconds=60)
LONGEST_PAUSE = dt.timedelta(hours=1)
FORGOTTEN_AFTER = dt.timedelta(days=1)  # without an attempt
LOGIN = "login:"  # begins the sources that anyone can invent, by names and addresses
MOST_SOURCES = 5000
# All further logins together: inventing sources neither fills the disk nor makes guesses free. The
# sources of PINs are few, and a flood of logins must not keep a person from disarming.
OTHER_LOGINS = "all other logins"


class Refused(Exception):
    """The attempt failed, and counts."""


class LockedOut(Exception):
    """Too many failures; `seconds` (whole, at least 1) until the next attempt is possible."""

    def __init__(self, until: dt.datetime) -> None:
        self.seconds = max(1, math.ceil((until - timezone.now()).total_seconds()))
        super().__init__(f"Too many wrong attempts: try again in {self.seconds} s.")


def attempt(
    limits: Mapping[str, int],
    check: Callable[[], Result],
    failed: Callable[[Refused, bool], None],
    forgiven: str = "",
) -> Result:
    """Return what `check` returns; a Refused that it raises counts against every source.

    `limits` maps each source of the attempt to the failures that it may have; the one that reaches
    a limit raises LockedOut already, with a pause that doubles each time. `failed` is called in the
    transaction that counts, with the fault and whether it led to a pause. A success ends the
    failures of the source `forgiven`. Not to be called in a transaction: its rollback would undo
    the count.
    """
    outcome = _attempt(limits, check, failed, forgiven)
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
    forgiven: str,
) -> Result | Refused | LockedOut:
    """Do `attempt`, but return the error: an exception would roll back the count."""
    by_digest = {_digest(source): limit for source, limit in limits.items()}
    logins = {_digest(source) for source in limits if source.startswith(LOGIN)}
    rows = _locked_rows(by_digest.keys(), logins)
    if until := _locked_until(rows):
        return LockedOut(until)
    try:
        outcome = check()
    except Refused as fault:
        for row in rows:
            _count(row, by_digest.get(row.source, LIMIT))
        until = _locked_until(rows)
        failed(fault, until is not None)
        return LockedOut(until) if until else fault
    if forgiven:
        own = Attempts.objects.filter(pk=_digest(forgiven))
        own.update(failures=0, pauses=0, locked_until=None)
    return outcome


def _digest(source: str) -> str:
    """Return the key of a source: input of a form is not stored in plain text."""
    return hashlib.sha256(source.encode()).hexdigest()


def _locked_rows(digests: Iterable[str], logins: set[str]) -> list[Attempts]:
    """Return a row for each digest, locked, so that parallel attempts wait for each other."""
    now = timezone.now()
    old = Attempts.objects.filter(last_at__lt=now - FORGOTTEN_AFTER)
    Attempts.objects.filter(pk__in=old.select_for_update(skip_locked=True)).delete()
    wanted = set(digests)
    if Attempts.objects.count() >= MOST_SOURCES:
        unknown = logins - set(Attempts.objects.filter(pk__in=logins).values_list("pk", flat=True))
        wanted = wanted - unknown | ({_digest(OTHER_LOGINS)} if unknown else set())
    # Sorted: two attempts that share sources take their locks in the same order.
    Attempts.objects.bulk_create(
        [Attempts(pk=digest, last_at=now) for digest in sorted(wanted)],
        update_conflicts=True,
        update_fields=["last_at"],
        unique_fields=["source"],
    )
    return list(Attempts.objects.filter(pk__in=wanted))


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
    now = timezone.now()
    _fade(row, now)
    row.failures += 1
    if row.failures >= limit:
        since = now - row.locked_until if row.locked_until else dt.timedelta()
        pauses = max(0, row.pauses - max(0, since // PAUSE_FADES_AFTER))
        pause = min(FIRST_PAUSE * 2 ** min(pauses, 10), LONGEST_PAUSE)
        row.failures, row.pauses, row.locked_until = 0, pauses + 1, now + pause
    row.save()


def _fade(row: Attempts, now: dt.datetime) -> None:
    """Forget one failure for each FADES_AFTER since the first of those that still count."""
    begins = row.counted_from
    if begins is None or begins > now or not row.failures:  # or the clock was set back
        row.counted_from = now
        return
    faded = (now - begins) // FADES_AFTER
    row.failures = max(0, row.failures - faded)
    row.counted_from = begins + faded * FADES_AFTER if row.failures else now
