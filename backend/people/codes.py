"""The PIN codes that disarm.

All hashes share one salt. That loses nothing, because no two codes have the same PIN; and it makes
checking a PIN against thirty codes one Argon2 computation, which takes the same time for each
of them and for a wrong PIN.
"""

import re
from base64 import b64decode
from typing import Any

import argon2
from argon2.low_level import hash_secret
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from people import audit, lockout
from people.actors import Actor
from people.lockout import Refused
from people.models import Code, lock_people_and_codes

FORMAT = re.compile(r"[0-9]{4,12}")
MAX_CODES = 30
FIRST_LABEL = "First PIN"


class WrongPin(Refused):
    """The PIN belongs to no code, or to an inactive one."""


class ExpiredCode(Refused):
    """The code of this PIN is not valid yet, or no longer."""


class NoCode(Exception):
    """No code exists."""


class PinTaken(Exception):
    """Another code has this PIN."""


class TooManyCodes(Exception):
    """The largest number of codes is reached."""


def verify(candidate: str, source: str, actor: Actor | None = None) -> Code:
    """Return the code whose PIN is `candidate`; raise WrongPin, ExpiredCode, LockedOut or NoCode.

    Wrong ones are counted for `source` ("person:3", "mqtt") and recorded as events of `actor`, by
    default made from the source. Not to be called in a transaction, whose rollback would undo that.
    """
    if actor is None:
        actor = Actor(None, "", source)

    def check() -> Code:
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
        audit.record("wrong_pin", str(fault), actor=actor, cause=cause)
        if is_locked:
            audit.record("lockout", "Too many wrong PINs.", actor=actor, cause=cause)

    if not Code.objects.exists():
        raise NoCode("There is no PIN yet: an admin has to add one.")
    return lockout.attempt({source: lockout.IN_A_ROW}, check, failed)


def create(pin: str, label: str, **fields: Any) -> Code:
    """Make a code; raise PinTaken, TooManyCodes, or ValueError if `pin` is not a PIN.

    In a transaction of the caller's, like `change_pin`.
    """
    lock_people_and_codes()
    if Code.objects.count() >= MAX_CODES:
        raise TooManyCodes(f"There are {MAX_CODES} codes already: remove one first.")
    return Code.objects.create(label=label, hash=_new_hash(pin, None), **fields)


def change_pin(code: Code, pin: str) -> None:
    """Give `code` another PIN; raise PinTaken, or ValueError if `pin` is not a PIN."""
    lock_people_and_codes()
    code.hash = _new_hash(pin, code)
    code.save(update_fields=["hash"])


def matching(candidate: str) -> Code | None:
    """Return the code whose PIN is `candidate`, whatever its status; every code is compared."""
    found = None
    hashed: dict[str, str] = {}  # one entry, unless hashes were written by hand
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
