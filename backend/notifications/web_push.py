"""Web Push: messages to browsers through the push service of each browser's maker.

The message is encrypted for the browser (RFC 8291), and signed with the panel's key (VAPID, RFC
8292). The push service sees neither the text nor what it is about.
"""

import base64
import json
import os
import re
import struct
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction
from py_vapid import Vapid02

from alarm.models import SINGLETON_ID
from core.secrets_at_rest import Unreadable
from notifications import facts
from notifications.failures import UNKNOWN_PUSH_SERVICE, WRONG_KEYS, Failed, Gone, Refused
from notifications.models import NotificationSettings
from notifications.vaults import VAPID

TIMEOUT = 8.0  # seconds, for the connection and for each part of the answer
KEPT_FOR = 24 * 3600  # seconds, by the push service for a browser that is not there
PORTS = (None, 443)  # of push services
# Without what parsers of URLs read in different ways: `requests` takes the host before a backslash.
ENDPOINT = re.compile(r"https://(?P<host>[a-z0-9.-]+)(:(?P<port>[0-9]{1,5}))?/[!-\[\]-~]*", re.I)
RECORD = 4096  # bytes; the largest that every push service takes
CONTACT = "mailto:alarm-panel@example.org"  # RFC 8292 wants one, and no panel has a public one
LONGEST_TEXT = 600  # characters; with the title, in UTF-8 and JSON, it fits into RECORD


class Subscription(NamedTuple):
    """What a browser hands over: where to send, and with which keys to encrypt."""

    endpoint: str
    p256dh: str
    auth: str

    def text(self) -> str:
        return json.dumps(self._asdict())

    @classmethod
    def of(cls, text: str) -> "Subscription":
        return cls(**json.loads(text))

    def require_usable(self) -> None:
        """Raise Refused unless the address is a push service's and the keys are keys."""
        require_push_service(self.endpoint)
        try:
            encrypt(b"", self)
        except ValueError as error:
            raise Refused(WRONG_KEYS()) from error


def require_push_service(endpoint: str) -> None:
    """Raise Refused for another address: every person may subscribe, not only admins."""
    found = ENDPOINT.fullmatch(endpoint)
    host = found["host"].lower() if found else ""
    port = int(found["port"]) if found and found["port"] else None
    is_known = any(
        host == name.removeprefix(".") or (name[0] == "." and host.endswith(name))
        for name in settings.PUSH_SERVICES
    )
    if is_known and port in PORTS:
        return
    raise Refused(UNKNOWN_PUSH_SERVICE())


def public_key() -> str:
    """Return the panel's key as browsers take it; make it where there is none."""
    point = (
        own_key()
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )
    return _encoded(point)


@transaction.atomic
def own_key() -> ec.EllipticCurvePrivateKey:
    """Return the panel's key. One that cannot be read is replaced: browsers subscribe again."""
    row = NotificationSettings.load()
    if row.vapid_key:
        try:
            return _loaded(VAPID.decrypt(row.vapid_key))
        except Unreadable:
            pass
    # Only one of two that find none makes one.
    locked = NotificationSettings.objects.select_for_update().get(pk=SINGLETON_ID)
    if locked.vapid_key != row.vapid_key:
        return _loaded(VAPID.decrypt(locked.vapid_key))
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    locked.vapid_key = VAPID.encrypt(pem.decode())
    locked.save(update_fields=["vapid_key"])
    return key


def _loaded(pem: str) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def send(
    subscription: Subscription, key: ec.EllipticCurvePrivateKey, message: dict[str, Any]
) -> None:
    """Send one message, or raise Failed, Gone or Refused."""
    subscription.require_usable()
    parts = urlsplit(subscription.endpoint)
    claims = {"sub": CONTACT, "aud": f"{parts.scheme}://{parts.netloc}"}
    headers = {
        **Vapid02(key).sign(claims),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEPT_FOR),
        "Urgency": "high",
    }
    body = encrypt(json.dumps(message, ensure_ascii=False).encode(), subscription)
    try:
        # Streamed, and not read: the answer's size is the push service's choice.
        with requests.post(
            subscription.endpoint,
            data=body,
            headers=headers,
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as answer:
            status = answer.status_code
    except requests.RequestException as error:
        raise Failed(facts.PUSH_AWAY()) from error
    if status in (404, 410):
        raise Gone("The browser has ended its subscription.")
    if not 200 <= status < 300:
        raise Failed(facts.PUSH_ERROR(status=status))


def encrypt(
    text: bytes,
    subscription: Subscription,
    ours: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Return a message for a browser, RFC 8291; raise ValueError for keys that are none.

    The private key and the salt are new for each message; a test gives those of the RFC.
    """
    ours, salt = ours or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(16)
    theirs = _decoded(subscription.p256dh)
    secret = ours.exchange(
        ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
    )
    point = ours.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    auth = _decoded(subscription.auth)
    if len(auth) != 16:
        raise ValueError("The secret has 16 bytes.")
    shared = _derived(auth, b"WebPush: info\0" + theirs + point, 32, secret)
    key = _derived(salt, b"Content-Encoding: aes128gcm\0", 16, shared)
    nonce = _derived(salt, b"Content-Encoding: nonce\0", 12, shared)
    sealed = AESGCM(key).encrypt(nonce, text + b"\x02", None)  # 2: the last record
    return salt + struct.pack("!LB", RECORD, len(point)) + point + sealed


def _derived(salt: bytes, info: bytes, length: int, secret: bytes) -> bytes:
    return HKDF(SHA256(), length=length, salt=salt, info=info).derive(secret)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
