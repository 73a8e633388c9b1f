"""Production's certificate and key: copies in `.secrets/`, which the container's user can read.

ACME clients leave a key that only root can read, often behind symbolic links. Each `inv prod` makes
the copies, once the pair has proved good for a handshake.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import ssl
from collections.abc import Callable
from pathlib import Path

from stack.config import dotenv
from stack.core import files
from stack.core.console import Failure

CERTIFICATE, KEY = VARIABLES = ("TLS_CERTIFICATE", "TLS_KEY")

PEM = {CERTIFICATE: rb"^-----BEGIN CERTIFICATE-----", KEY: rb"^-----BEGIN (\w+ )*PRIVATE KEY-----"}
"""What a file of each kind has; text before it is allowed."""

COPIES = {name: Path(".secrets", name.lower()) for name in VARIABLES}
"""The copies, relative to the checkout."""

KINDS = {CERTIFICATE: "a certificate", KEY: "a private key"}


def variables(root: Path) -> dict[str, str]:
    """The settings with which Docker Compose mounts the copies; empty without a certificate."""
    return {name: str(COPIES[name]) for name in _named(root)}


def refresh_copies(root: Path, read_as_root: Callable[[Path], bytes]) -> None:
    """Update the copies of the files that are set. `read_as_root` reads what this user may not.

    Raises Failure, with the copies as they were, where Nginx could not serve with the pair.
    """
    paths = _named(root)
    if not paths:
        return
    contents = {name: _content(name, path, read_as_root) for name, path in paths.items()}
    require_usable(contents[CERTIFICATE], contents[KEY])
    with files.explain_write_errors(root):
        for name, content in contents.items():
            copy = root / COPIES[name]
            if not copy.exists() or copy.read_bytes() != content:
                files.replace(copy, content, 0o444)


def _named(root: Path) -> dict[str, Path]:
    """The files that are set: both or none. Raises Failure where it is one."""
    named = {name: dotenv.setting(root, name) for name in VARIABLES}
    paths = {name: root / Path(value).expanduser() for name, value in named.items() if value}
    if len(paths) == 1:
        (given,) = paths
        (missing,) = set(VARIABLES) - {given}
        raise Failure(f"{given} is set, and {missing} is not.", f"Set {missing} in .env, too.")
    return paths


def _content(name: str, path: Path, read_as_root: Callable[[Path], bytes]) -> bytes:
    try:
        return path.read_bytes()
    except PermissionError:
        return read_as_root(path)
    except OSError as error:
        raise Failure(
            f"{name}={path} cannot be read: {error.strerror}.",
            f"Correct {name} in .env, or remove it; what runs goes on.",
        ) from error


def require_usable(certificate: bytes, key: bytes) -> None:
    """Raise Failure unless a server can use the pair now."""
    for name, content in ((CERTIFICATE, certificate), (KEY, key)):
        if not re.search(PEM[name], content, re.M):
            raise Failure(
                f"{name} is not {KINDS[name]} in PEM.",
                "Name the file that has a line like -----BEGIN CERTIFICATE----- or PRIVATE KEY.",
            )
    with files.temporary_folder("certificate-") as folder:
        pair = folder / "certificate", folder / "key"
        for file, content in zip(pair, (certificate, key), strict=True):
            file.write_bytes(content)
        try:
            _shake_hands(*pair)
        except ssl.SSLCertVerificationError as error:
            raise Failure(
                f"TLS_CERTIFICATE is not valid now: {error.verify_message}.",
                "Renew it, then: inv prod",
            ) from error
        except ssl.SSLError as error:
            what = f"cannot be used: {error.reason or 'one of them is damaged'}"
            if error.reason == "KEY_VALUES_MISMATCH":
                what = "do not belong together"
            raise Failure(
                f"TLS_CERTIFICATE and TLS_KEY {what}.",
                "Name the two files that were made together; in the first, this server's own"
                " certificate comes before the others.",
            ) from error


def _shake_hands(certificate: Path, key: Path) -> None:
    """Let a server with the pair meet a client, in memory. Raises SSLError where they fail."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key, password=_refuse_encrypted)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting(certificate.read_text(encoding="utf-8", errors="replace"))
    ends = client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)
    for end in ends * 3:
        with contextlib.suppress(ssl.SSLWantReadError):
            end.do_handshake()


def trusting(certificate: str) -> ssl.SSLContext:
    """A client that trusts this certificate (PEM) alone, under any name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # it need not be an authority's
    context.load_verify_locations(cadata=certificate)
    return context


def fingerprint(certificate: str) -> str:
    """The SHA-256 of the first certificate in a PEM text, in hexadecimal."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    first = certificate[certificate.index(begin) : certificate.index(end)] + end
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(first)).hexdigest()


def _refuse_encrypted() -> str:
    raise Failure(
        "TLS_KEY is encrypted, and a start cannot ask for its password.",
        "Write one without a password: openssl pkey -in KEY -out PLAIN_KEY",
    )
