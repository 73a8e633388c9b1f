"""The secrets of authenticator apps at rest: encrypted with the pepper of the PINs.

The pepper is in neither the database nor a backup, and SECRET_KEY is in backups. With another
pepper the secrets are unreadable, and the recovery codes are still good.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

PURPOSE = b"people: secret of an authenticator app"


class Unreadable(Exception):
    """The secret was encrypted with another pepper."""


def encrypt(secret: str) -> str:
    """Return what to store."""
    return _fernet().encrypt(secret.encode()).decode()


def decrypt(stored: str) -> str:
    """Return the secret; raise Unreadable."""
    try:
        return _fernet().decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise Unreadable(
            "The codes of your app cannot be checked: their secret was stored with another PIN"
            " pepper. Enter a recovery code, or let the operator type: manage.py remove_totp."
        ) from error


def _fernet() -> MultiFernet:
    """Return what encrypts with the first pepper, and decrypts with each."""
    return MultiFernet([_of(pepper) for pepper in settings.PIN_PEPPERS])


def _of(pepper: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=PURPOSE)
    return Fernet(base64.urlsafe_b64encode(derived.derive(pepper.encode())))
