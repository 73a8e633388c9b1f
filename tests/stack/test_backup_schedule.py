"""What `inv prod.schedule` prints, read by systemd and by a shell."""

from __future__ import annotations

import configparser
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from stack.backups import schedule
from stack.console import Failure
from stack.modes import PROD, Stack

WORDS = ["inv", "prod.backup", "--keep", "14"]
AWKWARD = 'house "of" \\für $5 50%'


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """In a folder whose name has everything that systemd, cron and shells read in their own way."""
    for name in schedule.PASSED_ON:
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / AWKWARD
    root.mkdir()
    bootstrap = root / "bootstrap"
    bootstrap.write_text('#!/bin/sh\nprintf "%s\\n" "$PWD" "$@" > called\n')
    bootstrap.chmod(0o755)
    return Stack(PROD, "alarm-prod", 5427, root)


def parts(text: str) -> dict[str, str]:
    """The pieces by the kind of file that they are for."""
    pieces = re.split(r"^# ---- .*/(\S+) ----$", text, flags=re.M)[1:]
    kinds = ("service", "timer", "cron")
    return dict(zip(kinds, pieces[1::2], strict=True))


def test_systemd_takes_the_units_as_they_are(stack: Stack, tmp_path: Path) -> None:
    """systemd-analyze is where systemd is; elsewhere the syntax is checked."""
    printed = parts(schedule.printed(stack, at="03:30", keep=14, to=""))
    units = {}
    for kind in ("service", "timer"):
        units[kind] = configparser.ConfigParser(interpolation=None, delimiters="=")
        units[kind].optionxform = str  # type: ignore[assignment,method-assign]  # its own way to keep case
        units[kind].read_string(printed[kind])
        (tmp_path / f"alarm-prod-backup.{kind}").write_text(printed[kind])
    assert units["timer"]["Timer"]["OnCalendar"] == "*-*-* 03:30:00"
    assert units["service"]["Service"]["User"] == pwd.getpwuid(os.geteuid()).pw_name
    assert units["service"]["Service"]["ExecStart"].endswith("inv prod.backup --keep 14")
    if analyze := shutil.which("systemd-analyze"):
        files = [str(tmp_path / f"alarm-prod-backup.{kind}") for kind in units]
        checked = subprocess.run(
            [analyze, "verify", *files], capture_output=True, text=True, check=False
        )
        about_these = [line for line in checked.stderr.splitlines() if "alarm-prod" in line]
        assert (checked.returncode, about_these) == (0, []), checked.stderr


def test_what_cron_runs_is_the_backup_in_the_checkout(stack: Stack, tmp_path: Path) -> None:
    cron = parts(schedule.printed(stack, at="4:05", keep=3, to=str(tmp_path)))["cron"].strip()
    line = cron.splitlines()[-1]
    minute, hour, *days, user, command = line.split(maxsplit=6)
    assert (minute, hour, days, user) == ("5", "4", ["*"] * 3, pwd.getpwuid(os.geteuid()).pw_name)
    assert "%" not in command.replace(r"\%", "")
    # What cron makes of it; without its environment, as it does.
    (tmp_path / "logger").write_text("#!/bin/sh\ncat\n")
    (tmp_path / "logger").chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": "/"}
    subprocess.run(
        ["/bin/sh", "-c", command.replace(r"\%", "%")], cwd="/", env=environment, check=True
    )
    called = (stack.root / "called").read_text().splitlines()
    assert called == [
        str(stack.root), "inv", "prod.backup", "--keep", "3", "--to", str(tmp_path)
    ]  # fmt: skip


def test_a_chosen_engine_and_name_are_passed_on(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/user/1000/docker.sock")
    printed = parts(schedule.printed(replace(stack), at="03:30", keep=14, to=""))
    assert "Environment=DOCKER_HOST=unix:///run/user/1000/docker.sock\n" in printed["service"]
    assert " DOCKER_HOST=unix:///run/user/1000/docker.sock " in printed["cron"]


@pytest.mark.parametrize("text", ["24:00", "3", "03:60", "noon", "03:30:00", ""])
def test_a_wrong_time_is_refused(text: str) -> None:
    with pytest.raises(Failure, match="is no time of a day"):
        schedule.parse_time(text)


def test_a_folder_that_is_not_there_is_refused(stack: Stack, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="There is no folder for backups"):
        schedule.printed(stack, at="03:30", keep=14, to=str(tmp_path / "usb"))
