"""The broker's password at rest: encrypted, because backups are copied to other places.

The key comes from SECRET_KEY, which is not in the database. With another SECRET_KEY the password is
unreadable, and has to be entered again.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"integrations.mqtt: password of the broker"


class Unreadable(Exception):
    """The password was encrypted with another SECRET_KEY."""


def encrypt(password: str) -> str:
    """Return what to store; nothing for no password."""
    return _fernet().encrypt(password.encode()).decode() if password else ""


def decrypt(stored: str) -> str:
    if not stored:
        return ""
    try:
        return _fernet().decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise Unreadable("The stored password cannot be read: enter it again.") from error


def _fernet() -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=PURPOSE)
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))
