"""The certificates that this host trusts, for programs in builds, which have their own."""

from __future__ import annotations

import os
from pathlib import Path

from stack.config import dotenv
from stack.core import files
from stack.core.console import Failure

WELL_KNOWN = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch, Gentoo
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # Alpine, macOS
)
"""The systems' bundles, in the order of Go's crypto/x509 (root_linux.go)."""

SECRET_BYTES = 500 * 1024
"""BuildKit's limit for one secret (MaxSecretSize in its session/secrets package)."""

COPY = Path(".secrets", "ca-bundle")
"""The copy for builds. Docker Compose builds with Buildx's bake, which asks for consent before it
reads a file outside of the checkout, and Docker Desktop cannot mount one."""


def ca_bundle(root: Path) -> Path | None:
    """The file with every certificate authority that this host trusts, or None without one.

    `CA_BUNDLE` (environment or .env) goes first, then OpenSSL's `SSL_CERT_FILE`, then WELL_KNOWN.
    Raises Failure when a variable names no file, and when the bundle is too large for a secret.
    """
    chosen = dotenv.setting(root, "CA_BUNDLE")
    named = {"CA_BUNDLE": chosen, "SSL_CERT_FILE": os.environ.get("SSL_CERT_FILE")}
    for variable, value in named.items():
        if value and root / value != root / COPY:
            return _usable(root / value, variable)
    bundle = next((path for path in map(Path, WELL_KNOWN) if path.is_file()), None)
    return bundle and _usable(bundle, "CA_BUNDLE")


def _usable(bundle: Path, variable: str) -> Path:
    if not bundle.is_file():
        raise Failure(
            f"{variable} names a file that does not exist: {bundle}", f"Type: unset {variable}"
        )
    if (size := bundle.stat().st_size) > SECRET_BYTES:
        raise Failure(
            f"{bundle} has {size // 1024} KiB; a build secret has at most {SECRET_BYTES // 1024}.",
            f"Point {variable} at a bundle with only the certificates that builds need.",
        )
    return bundle


def refresh_copy(root: Path) -> None:
    """Update the copy for builds; it is empty where this host has no bundle."""
    if not copy_is_fresh(root):
        with files.explain_write_errors(root):
            files.replace(root / COPY, _content(root), 0o444)


def copy_is_fresh(root: Path) -> bool:
    """Whether the copy is there and is this host's bundle."""
    copy = root / COPY
    return copy.exists() and copy.read_bytes() == _content(root)


def _content(root: Path) -> bytes:
    bundle = ca_bundle(root)
    return bundle.read_bytes() if bundle else b""
