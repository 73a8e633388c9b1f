"""Where the host's bundle is looked for."""

from pathlib import Path

import pytest

from stack import certificates
from stack.console import Failure


@pytest.fixture(autouse=True)
def _no_well_known_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setattr(certificates, "WELL_KNOWN", ())


def test_none_without_a_bundle() -> None:
    assert certificates.ca_bundle() is None


def test_the_environment_goes_before_the_well_known_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, known = tmp_path / "named.pem", tmp_path / "known.pem"
    named.touch()
    known.touch()
    monkeypatch.setattr(certificates, "WELL_KNOWN", (str(tmp_path / "missing"), str(known)))
    assert certificates.ca_bundle() == known
    monkeypatch.setenv("SSL_CERT_FILE", str(named))
    assert certificates.ca_bundle() == named


def test_a_missing_file_in_the_environment_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    with pytest.raises(Failure, match=r"does not exist: /nowhere\.pem"):
        certificates.ca_bundle()


@pytest.mark.parametrize(("size", "fits"), [(500 * 1024, True), (500 * 1024 + 1, False)])
def test_a_bundle_too_large_for_a_secret_is_said(
    size: int, fits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(b"x" * size)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    if fits:
        assert certificates.ca_bundle() == bundle
    else:
        with pytest.raises(Failure, match="a build secret has at most"):
            certificates.ca_bundle()
