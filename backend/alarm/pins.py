"""The PIN: kept as an Argon2 hash, with a pause after too many wrong ones."""

import datetime as dt
import math
import re

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils import timezone

from alarm.models import ONLY, Pin

FORMAT = re.compile(r"[0-9]{4,12}")
ATTEMPTS = 5  # wrong PINs in a row until the pause
PAUSE = dt.timedelta(seconds=60)


class WrongPin(Exception):
    """The PIN is not the right one."""


class NoPin(Exception):
    """No PIN has been set yet."""


class LockedOut(Exception):
    """Too many wrong PINs; `seconds` (whole, at least 1) until the next attempt is heard."""

    def __init__(self, until: dt.datetime) -> None:
        self.seconds = max(1, math.ceil((until - timezone.now()).total_seconds()))
        super().__init__(f"Too many wrong PINs: try again in {self.seconds} s.")


def exists() -> bool:
    """Return whether a PIN is set."""
    return Pin.objects.exists()


def store(pin: str) -> None:
    """Set the PIN, replacing the one before it and ending a lock-out."""
    if not FORMAT.fullmatch(pin):
        raise ValueError("A PIN has 4 to 12 digits.")
    Pin.objects.update_or_create(
        pk=ONLY, defaults={"hash": make_password(pin), "failures": 0, "locked_until": None}
    )


def verify(candidate: str) -> None:
    """Return if `candidate` is the PIN, else raise WrongPin, LockedOut or NoPin.

    The wrong PIN that starts a lock-out raises LockedOut already. Raised outside the transaction:
    an exception inside would roll the count back.
    """
    if fault := _fault(candidate):
        raise fault


@transaction.atomic
def _fault(candidate: str) -> Exception | None:
    """Judge and count one attempt; the row's lock makes parallel attempts wait for each other."""
    pin = Pin.objects.select_for_update().filter(pk=ONLY).first()
    if pin is None:
        return NoPin("No PIN is set: run `manage.py set_pin`.")
    if pin.locked_until and pin.locked_until > timezone.now():
        return LockedOut(pin.locked_until)
    fault: Exception | None = None
    pin.locked_until = None
    if check_password(candidate, pin.hash):
        pin.failures = 0
    elif pin.failures + 1 < ATTEMPTS:
        pin.failures += 1
        fault = WrongPin("This PIN is wrong.")
    else:
        pin.failures, pin.locked_until = 0, timezone.now() + PAUSE
        fault = LockedOut(pin.locked_until)
    pin.save()
    return fault
