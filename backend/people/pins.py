"""PINs at rest: with a pepper that is not in the database, and a salt each.

A PIN has so few digits that all can be tried against any hash. So both texts that are stored need
the pepper, which a copy of the database or a backup does not have. The index finds a PIN's code
without a try at each. It is slow, too: with both the pepper and the database, each guess costs an
Argon2 computation. The pepper is one or several random texts; the first is for new hashes.
"""

import hmac
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from argon2 import extract_parameters
from argon2.low_level import Type, hash_secret, hash_secret_raw
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.utils.crypto import constant_time_compare

# With other values no stored PIN is found again.
INDEX_COSTS = {"time_cost": 2, "memory_cost": 102400, "parallelism": 8}


class Pepper(NamedTuple):
    name: str  # stored beside what was made with it
    salt: bytes
    index_key: bytes
    hash_key: bytes


@dataclass(frozen=True)
class Stored:
    """What is kept of a PIN."""

    hash: str
    index: str
    pepper: str


@cache
def _pepper(text: str) -> Pepper:
    def derived(purpose: str) -> bytes:
        return hmac.digest(text.encode(), f"PIN {purpose}".encode(), sha256)

    return Pepper(derived("name").hex()[:16], *map(derived, ("salt", "index", "hash")))


def peppers() -> list[Pepper]:
    """Return those in force: first that of new hashes, then former ones."""
    return [_pepper(text) for text in settings.PIN_PEPPERS]


def known() -> list[str]:
    """Return the names of the peppers in force."""
    return [pepper.name for pepper in peppers()]


def stored(pin: str) -> Stored:
    """Return what to keep of a new PIN."""
    pepper = peppers()[0]
    return Stored(make_password(_keyed(pin, pepper)), index(pin, pepper), pepper.name)


def index(pin: str, pepper: Pepper) -> str:
    """Return the text by which the code of a PIN is found; two equal PINs have the same."""
    raw = hash_secret_raw(pin.encode(), pepper.salt, hash_len=32, type=Type.ID, **INDEX_COSTS)
    return hmac.digest(pepper.index_key, raw, sha256).hex()


def check(pin: str, pepper: Pepper, encoded: str | None) -> bool:
    """Return whether a hash is that of `pin`; without one, after the same time."""
    if encoded is None:
        make_password(_keyed(pin, pepper))
        return False
    return check_password(_keyed(pin, pepper), encoded)


def _keyed(pin: str, pepper: Pepper) -> str:
    return hmac.digest(pepper.hash_key, pin.encode(), sha256).hex()


def old_match(pin: str, hashes: Iterable[str]) -> str | None:
    """Return which hash of the first versions is that of `pin`: no pepper, one salt for all."""
    found = None
    computed: dict[str, str] = {}  # one entry, unless hashes were written by hand
    for encoded in hashes:
        salt = encoded.rpartition("$")[0]
        if salt not in computed:
            computed[salt] = _hash_like(pin, encoded)
        if constant_time_compare(computed[salt], encoded):
            found = encoded
    return found


def _hash_like(pin: str, example: str) -> str:
    """Return the hash of `pin` with the salt and costs of another, both as Django keeps them."""
    algorithm, _, phc = example.partition("$")
    costs = extract_parameters(f"${phc}")
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
