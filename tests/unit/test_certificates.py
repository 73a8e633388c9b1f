"""Which certificates and keys production serves with, and where it gets them from."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from stack.config import certificates
from stack.core.console import Failure
from tests.support import reverse_proxy


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout whose `.env` names a pair as certbot leaves it, behind symbolic links."""
    for name in certificates.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    root, archive, live = tmp_path / "checkout", tmp_path / "archive", tmp_path / "live"
    for folder in (root, root / ".secrets", archive, live):
        folder.mkdir()
    reverse_proxy.certificate(archive)
    for name in ("cert.pem", "key.pem"):
        (live / name).symlink_to(f"../archive/{name}")
    (root / ".env").write_text(
        f"TLS_CERTIFICATE={live / 'cert.pem'}\nTLS_KEY={live / 'key.pem'}\n", encoding="utf-8"
    )
    return root


def by_root(path: Path) -> bytes:
    raise AssertionError(f"only root can read {path}")


def openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


def test_copies_are_made_that_the_containers_user_can_read(checkout: Path) -> None:
    certificates.refresh_copies(checkout, by_root)
    variables = certificates.variables(checkout)
    for name, file in (("TLS_CERTIFICATE", "cert.pem"), ("TLS_KEY", "key.pem")):
        copy = checkout / variables[name]
        assert copy.read_bytes() == (checkout.parent / "archive" / file).read_bytes()
        assert stat.S_IMODE(copy.stat().st_mode) == 0o444
        assert copy.parent == checkout / ".secrets"


def test_without_the_settings_nothing_is_copied(checkout: Path) -> None:
    (checkout / ".env").unlink()
    certificates.refresh_copies(checkout, by_root)
    assert certificates.variables(checkout) == {}
    assert not list((checkout / ".secrets").iterdir())


def missing(folder: Path) -> None:
    (folder / "key.pem").unlink()


def of_another_certificate(folder: Path) -> None:
    openssl("genrsa", "-out", folder / "key.pem", 2048)


def expired(folder: Path) -> None:
    request, signed = folder / "request.pem", folder / "cert.pem"
    openssl("req", "-new", "-key", folder / "key.pem", "-subj", "/CN=localhost", "-out", request)
    sign = ("x509", "-req", "-in", request, "-signkey", folder / "key.pem", "-days", "-1")
    openssl(*sign, "-out", signed)


def encrypted(folder: Path) -> None:
    key = folder / "key.pem"
    openssl("rsa", "-aes256", "-passout", "pass:secret", "-in", key, "-out", folder / "locked.pem")
    (folder / "locked.pem").replace(key)


def in_der(folder: Path) -> None:
    certificate = folder / "cert.pem"
    openssl("x509", "-in", certificate, "-outform", "der", "-out", folder / "cert.der")
    (folder / "cert.der").replace(certificate)


def cut_off(folder: Path) -> None:
    certificate = folder / "cert.pem"
    certificate.write_bytes(certificate.read_bytes()[:400])


def swapped(folder: Path) -> None:
    key, certificate = folder / "key.pem", folder / "cert.pem"
    text = key.read_bytes()
    key.write_bytes(certificate.read_bytes())
    certificate.write_bytes(text)


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (missing, "TLS_KEY=.* cannot be read: No such file or directory"),
        (of_another_certificate, "do not belong together"),
        (expired, "TLS_CERTIFICATE is not valid now: certificate has expired"),
        (encrypted, "TLS_KEY is encrypted"),
        (in_der, "TLS_CERTIFICATE is not a certificate in PEM"),
        (cut_off, "TLS_CERTIFICATE and TLS_KEY cannot be used"),
        (swapped, "TLS_CERTIFICATE is not a certificate in PEM"),
    ],
)
def test_a_pair_that_cannot_serve_is_refused_and_the_copies_stay(
    checkout: Path, spoil: Callable[[Path], None], what: str
) -> None:
    certificates.refresh_copies(checkout, by_root)
    before = {path: path.read_bytes() for path in (checkout / ".secrets").iterdir()}
    spoil(checkout.parent / "archive")
    with pytest.raises(Failure, match=what):
        certificates.refresh_copies(checkout, by_root)
    assert {path: path.read_bytes() for path in (checkout / ".secrets").iterdir()} == before


def test_one_setting_without_the_other_is_refused(checkout: Path) -> None:
    text = (checkout / ".env").read_text(encoding="utf-8").splitlines()
    (checkout / ".env").write_text(text[0], encoding="utf-8")
    with pytest.raises(Failure, match="TLS_CERTIFICATE is set, and TLS_KEY is not"):
        certificates.refresh_copies(checkout, by_root)
