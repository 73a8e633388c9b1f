"""Secrets at rest: encrypted, because backups of the database are copied to other places.

The key comes from SECRET_KEY, which is not in the database. With another SECRET_KEY the secrets are
unreadable, and have to be entered again.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(Exception):
    """The secret was encrypted with another SECRET_KEY."""


class Vault:
    """Encrypts the secrets of one purpose, with a key of its own."""

    def __init__(self, purpose: bytes, what: str = "password") -> None:
        """`what` is the word for such a secret in messages."""
        self._purpose, self._what = purpose, what

    def encrypt(self, secret: str) -> str:
        """Return what to store; nothing for no secret."""
        return self._fernet().encrypt(secret.encode()).decode() if secret else ""

    def decrypt(self, stored: str) -> str:
        """Return the secret, or raise Unreadable."""
        if not stored:
            return ""
        try:
            return self._fernet().decrypt(stored.encode()).decode()
        except InvalidToken as error:
            text = f"The stored {self._what} cannot be read: enter it again."
            raise Unreadable(text) from error

    def _fernet(self) -> Fernet:
        derived = HKDF(SHA256(), length=32, salt=None, info=self._purpose)
        return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))
