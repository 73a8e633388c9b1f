"""The PIN codes: who holds the right one may disarm.

All hashes share one salt. That loses nothing, because no two codes have the same PIN; and it makes
checking a PIN against thirty codes one Argon2 computation, which takes the same time whichever of
them it is, or none.
"""

import re
from base64 import b64decode

import argon2
from argon2.low_level import hash_secret
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from alarm import events
from people import lockout
from people.lockout import LockedOut, Refused
from people.models import Code, exclusively

__all__ = ["ExpiredCode", "LockedOut", "NoCode", "PinTaken", "TooManyCodes", "WrongPin", "verify"]

FORMAT = re.compile(r"[0-9]{4,12}")
MOST = 30
FIRST_LABEL = "First PIN"


class WrongPin(Refused):
    """The PIN is that of no code, or of one that is switched off."""


class ExpiredCode(Refused):
    """The PIN is right, at the wrong time: its code is not valid yet, or no longer."""


class NoCode(Exception):
    """There is no code at all."""


class PinTaken(Exception):
    """Another code has this PIN."""


class TooManyCodes(Exception):
    """There are as many codes as there may be."""


def verify(candidate: str, source: str, actor: events.Actor | None = None) -> Code:
    """Return the code whose PIN is `candidate`; raise WrongPin, ExpiredCode, LockedOut or NoCode.

    Wrong ones are counted for `source` ("person:3", "mqtt") and recorded as events of `actor`, by
    default made from the source. Not to be called in a transaction, whose rollback would undo that.
    """
    if actor is None:
        actor = events.Actor(None, "", source)

    def judge() -> Code:
        code = matching(candidate)
        if code is None or code.status == Code.Status.INACTIVE:
            raise WrongPin("This PIN is wrong.")
        if code.status != Code.Status.ACTIVE:
            when = "no longer" if code.status == Code.Status.EXPIRED else "not yet"
            raise ExpiredCode(f"This PIN is {when} valid.")
        Code.objects.filter(pk=code.pk).update(last_used_at=timezone.now())
        return code

    def failed(fault: Refused, is_locked: bool) -> None:
        cause = "mqtt" if source == "mqtt" else "api"
        events.record("wrong_pin", cause=cause, actor=actor, detail=str(fault))
        if is_locked:
            detail = "Too many wrong PINs."
            events.record("lockout", cause=cause, actor=actor, detail=detail)

    if not Code.objects.exists():
        raise NoCode("There is no PIN yet: an admin has to make one.")
    return lockout.attempt({source: lockout.IN_A_ROW}, judge, failed)


def create(pin: str, label: str, **fields) -> Code:
    """Make a code; raise PinTaken, TooManyCodes, or ValueError where `pin` is no PIN.

    In a transaction of the caller's, like `change_pin`.
    """
    exclusively()
    if Code.objects.count() >= MOST:
        raise TooManyCodes(f"There are {MOST} codes already: remove one first.")
    return Code.objects.create(label=label, hash=_new_hash(pin, None), **fields)


def change_pin(code: Code, pin: str) -> None:
    """Give `code` another PIN; raise PinTaken, or ValueError where `pin` is no PIN."""
    exclusively()
    code.hash = _new_hash(pin, code)
    code.save(update_fields=["hash"])


def tell(actor: events.Actor, cause: str, detail: str) -> None:
    """Write an event of kind `code`; residents are not given its detail."""
    events.record("code", cause=cause, actor=actor, detail=detail)


def matching(candidate: str) -> Code | None:
    """Return the code whose PIN is `candidate`, whatever its status; every code is compared."""
    found = None
    hashed: dict[str, str] = {}  # one entry, unless somebody put hashes there by hand
    for code in Code.objects.select_related("person"):
        salt = code.hash.rpartition("$")[0]
        if salt not in hashed:
            hashed[salt] = _hash_like(candidate, code.hash)
        if constant_time_compare(hashed[salt], code.hash):
            found = code
    return found


def _new_hash(pin: str, code: Code | None) -> str:
    """Return the hash of a new PIN for `code`, with the salt that all have."""
    if not FORMAT.fullmatch(pin):
        raise ValueError("A PIN has 4 to 12 digits.")
    taken = matching(pin)
    if taken is not None and taken != code:
        raise PinTaken("Another code has this PIN already.")
    example = Code.objects.values_list("hash", flat=True).first()
    return _hash_like(pin, example) if example else make_password(pin)


def _hash_like(pin: str, example: str) -> str:
    """Return the hash of `pin` with the salt and costs of another, both as Django keeps them."""
    algorithm, _, phc = example.partition("$")
    costs = argon2.extract_parameters(f"${phc}")
    salt = phc.split("$")[-2]
    hashed = hash_secret(
        pin.encode(),
        b64decode(salt + "=" * (-len(salt) % 4)),
        costs.time_cost,
        costs.memory_cost,
        costs.parallelism,
        costs.hash_len,
        costs.type,
        costs.version,
    )
    return algorithm + hashed.decode()
