"""`.env` and the secrets: written once, whole, closed to others."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from stack.config import checkout_files, dotenv, secrets
from stack.config.modes import ROOT
from stack.core.console import Failure


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / ".env.example").write_text((ROOT / ".env.example").read_text(encoding="utf-8"))
    return tmp_path


def test_each_file_is_written_once(checkout: Path) -> None:
    written = {path.name for path in checkout_files.ensure(checkout, "house")}
    assert written == {".env", "secret_key", "postgres_password", "mqtt_password", "pin_pepper"}
    before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}
    assert checkout_files.ensure(checkout, "house") == []
    assert before == {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}


def test_an_existing_env_is_not_changed(checkout: Path) -> None:
    (checkout / ".env").write_text("LOCAL_UID=7\nALARM_NAME=mine\n")
    checkout_files.ensure(checkout, "house")
    assert (checkout / ".env").read_text() == "LOCAL_UID=7\nALARM_NAME=mine\n"


def test_an_env_without_a_name_gets_one(checkout: Path) -> None:
    (checkout / ".env").write_bytes(b"LOCAL_UID=7")
    assert checkout / ".env" in checkout_files.ensure(checkout, "house")
    values = dotenv.read(checkout / ".env")
    assert values == {"LOCAL_UID": "7", "ALARM_NAME": "house"}


def test_other_users_of_the_host_cannot_read_them(checkout: Path) -> None:
    checkout_files.ensure(checkout, "house")
    assert stat.S_IMODE((checkout / ".env").stat().st_mode) == 0o600
    assert stat.S_IMODE((checkout / ".secrets").stat().st_mode) == 0o700


def test_secrets_are_long_and_differ_each_time(checkout: Path, tmp_path: Path) -> None:
    first, second = checkout, tmp_path / "other"
    second.mkdir()
    for root in (first, second):
        secrets.ensure(root)
    assert len((first / ".secrets" / "secret_key").read_text()) >= 50
    assert len((first / ".secrets" / "postgres_password").read_text()) >= 24
    for path in secrets.paths(first):
        assert path.read_text() != (second / ".secrets" / path.name).read_text()


def test_a_backup_has_only_a_digest_of_a_secret_that_is_kept_apart(checkout: Path) -> None:
    assert secrets.digests_of_those_kept_apart(checkout) == {}
    secrets.ensure(checkout)
    (digest,) = secrets.digests_of_those_kept_apart(checkout).values()
    assert digest == hashlib.sha256(secrets.read(checkout, "pin_pepper").encode()).hexdigest()


def test_the_hosts_values_are_filled_in(checkout: Path) -> None:
    checkout_files.ensure(checkout, "house")
    owner = checkout.stat()
    values = dotenv.read(checkout / ".env")
    assert values["LOCAL_UID"] == str(owner.st_uid)
    assert values["LOCAL_GID"] == str(owner.st_gid)
    assert "ALARM_PORT" not in values


def test_no_temporary_file_is_left(checkout: Path) -> None:
    checkout_files.ensure(checkout, "house")
    assert {path.name for path in checkout.iterdir()} == {".env", ".env.example", ".secrets"}


def test_reading_understands_comments_quotes_and_windows_line_ends(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b'\xef\xbb\xbf# hello\r\nA=1\r\nexport B="two words"\r\n')
    assert dotenv.read(file) == {"A": "1", "B": "two words"}
    assert dotenv.read(tmp_path / "missing") == {}


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\nthis is no setting = 'x\nB=2\n")
    with pytest.raises(Failure) as refused:
        dotenv.read(file)
    assert ".env, line 2" in refused.value.what


def test_the_message_of_a_broken_line_hides_its_value(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text('SECRET_KEY "hunter2=hunter2\n')
    with pytest.raises(Failure) as refused:
        dotenv.read(file)
    assert "hunter2" not in str(refused.value)


def test_a_checkout_that_cannot_be_written_is_an_error(checkout: Path) -> None:
    (checkout / ".secrets").write_text("a file where a folder belongs")
    with pytest.raises(Failure, match="cannot be written") as refused:
        checkout_files.ensure(checkout, "house")
    assert "sudo chown" in refused.value.remedy


def test_settings_are_saved_in_place_of_their_lines_or_at_the_end(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("# ONE=0\nONE=1\n export TWO=2\nONEMORE=3", encoding="utf-8")
    env.chmod(0o600)
    checkout_files.save(tmp_path, {"ONE": "a", "TWO": "b", "THREE": "c"})
    assert env.read_text(encoding="utf-8") == "# ONE=0\nONE=a\nTWO=b\nONEMORE=3\nTHREE=c\n"
    assert env.stat().st_mode & 0o777 == 0o600
