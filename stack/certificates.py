"""The certificates that this host trusts, for programs that run in builds and have their own."""

from __future__ import annotations

import os
from pathlib import Path

from stack.console import Failure

WELL_KNOWN = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Arch, Gentoo
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # Alpine, macOS
)
"""Where systems keep their bundle; the order is that of Go's crypto/x509 (root_linux.go)."""

SECRET_BYTES = 500 * 1024
"""BuildKit's limit for one secret (MaxSecretSize in its session/secrets package)."""


def ca_bundle() -> Path | None:
    """The file with every certificate authority that this host trusts, or None without one.

    `SSL_CERT_FILE` goes before the well-known places, as OpenSSL has it. Raises Failure when that
    variable names no file, and when the bundle is too large for a build secret.
    """
    named = os.environ.get("SSL_CERT_FILE")
    if named and not Path(named).is_file():
        raise Failure(
            f"SSL_CERT_FILE names a file that does not exist: {named}", "Type: unset SSL_CERT_FILE"
        )
    places = (named, *WELL_KNOWN) if named else WELL_KNOWN
    bundle = next((path for path in map(Path, places) if path.is_file()), None)
    if bundle is not None and (size := bundle.stat().st_size) > SECRET_BYTES:
        raise Failure(
            f"{bundle} has {size // 1024} KiB; a build secret has at most {SECRET_BYTES // 1024}.",
            "Point SSL_CERT_FILE at a bundle with only the certificates that builds need.",
        )
    return bundle
