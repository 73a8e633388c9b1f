"""Session keys at rest: the database has a hash, so that its reader cannot use a session.

A key has 165 random bits. So a quick hash without a salt is enough.
"""

import re
from hashlib import sha256
from typing import Any

from django.db import models

KEY = re.compile(r"[0-9a-z]{32}")
"""A key as Django makes it and a cookie carries it."""


def stored(key: str) -> str:
    """Return what the database has of a key: 160 bits, longer than a key and so none itself."""
    return sha256(key.encode()).hexdigest()[:40]


class SessionKeyField(models.CharField):  # type: ignore[type-arg]  # it takes none at run time
    """Holds the hash of a session's key; Django's store looks it up and saves it by the key."""

    def get_prep_value(self, value: Any) -> Any:
        """Return the hash of a key; what was read from the database is one already."""
        prepared = super().get_prep_value(value)
        is_key = isinstance(prepared, str) and KEY.fullmatch(prepared)
        return stored(prepared) if is_key else prepared
