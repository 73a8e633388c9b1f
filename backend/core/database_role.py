"""The database's role of the programs that serve; its owner migrates, and owns the history."""

import hashlib
import hmac


def name(owner: str) -> str:
    return f"{owner}_app"


def password(of_owner: str) -> str:
    """Return its password, from which the owner's cannot be computed: no second secret to keep."""
    return hmac.digest(of_owner.encode(), b"role of the app", hashlib.sha256).hex()
