"""Where the host's bundle is looked for."""

from pathlib import Path

import pytest

from stack.config import ca_bundle
from stack.core.console import Failure
from tests.support import own_stack


@pytest.fixture(autouse=True)
def _no_well_known_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setattr(ca_bundle, "WELL_KNOWN", ())
    monkeypatch.delenv("CA_BUNDLE", raising=False)


def test_none_without_a_bundle(tmp_path: Path) -> None:
    assert ca_bundle.ca_bundle(tmp_path) is None


def test_the_environment_precedes_the_usual_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, known = tmp_path / "named.pem", tmp_path / "known.pem"
    named.touch()
    known.touch()
    monkeypatch.setattr(ca_bundle, "WELL_KNOWN", (str(tmp_path / "missing"), str(known)))
    assert ca_bundle.ca_bundle(tmp_path) == known
    monkeypatch.setenv("SSL_CERT_FILE", str(named))
    assert ca_bundle.ca_bundle(tmp_path) == named


def test_a_missing_file_in_the_environment_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    with pytest.raises(Failure, match=r"does not exist: /nowhere\.pem"):
        ca_bundle.ca_bundle(tmp_path)


@pytest.mark.parametrize(("size", "fits"), [(500 * 1024, True), (500 * 1024 + 1, False)])
def test_a_bundle_too_large_for_a_secret_is_an_error(
    size: int, fits: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(b"x" * size)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    if fits:
        assert ca_bundle.ca_bundle(tmp_path) == bundle
    else:
        with pytest.raises(Failure, match="a build secret has at most"):
            ca_bundle.ca_bundle(tmp_path)


def test_a_bundle_in_the_env_file_takes_precedence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    chosen, other = tmp_path / "mine.pem", tmp_path / "other.pem"
    for file in (chosen, other):
        file.write_text(file.name)
    (tmp_path / ".env").write_text("CA_BUNDLE=mine.pem\n")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    assert ca_bundle.ca_bundle(tmp_path) == chosen


def test_the_copy_for_builds_follows_the_host(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle.pem"
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    (tmp_path / ".secrets").mkdir()
    (tmp_path / ".env").write_text(f"CA_BUNDLE={ca_bundle.COPY}\n")
    for text in ("first", "second"):
        bundle.write_text(text)
        ca_bundle.refresh_copy(tmp_path)
        assert (tmp_path / ca_bundle.COPY).read_text() == text


@pytest.mark.parametrize(
    ("setting", "passed_on"),
    [
        ("", ""),
        ("CA_BUNDLE=\n", ""),
        ("CA_BUNDLE=.secrets/ca-bundle\n", ""),  # as `inv env` writes it, before any build
        ("CA_BUNDLE=house.pem\n", "CA_BUNDLE={root}/house.pem\n"),
        ("CA_BUNDLE=/etc/house.pem\n", "CA_BUNDLE=/etc/house.pem\n"),
    ],
)
def test_the_tests_stacks_use_the_chosen_bundle(
    setting: str, passed_on: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(setting, encoding="utf-8")
    monkeypatch.setattr(own_stack, "ROOT", tmp_path)
    assert own_stack.settings_of_builds() == passed_on.format(root=tmp_path)
