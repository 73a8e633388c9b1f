"""Checkouts of other platforms, and machines with no room."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest

from stack.compose import ports
from stack.compose.checkout import with_debugpy
from stack.compose.project import Project
from stack.config import dotenv
from stack.config.modes import DEV, LOCAL, PROD, ROOT
from stack.core import files
from stack.core.console import Failure
from stack.engine import disk
from stack.local.runner import Local

WINDOWS_ENV = "LOCAL_UID=7\r\nALARM_NAME=house\r\nALARM_PORT=6001\r\nALARM_HOSTS=my.example\r\n"


def test_scripts_have_unix_line_endings_whatever_git_is_told(tmp_path: Path) -> None:
    """As Git for Windows checks out: a carriage return ends no script's first line."""
    clone = tmp_path / "clone für Windows"
    clone.mkdir()
    git = ["git", "-c", "core.autocrlf=true", "-c", "core.eol=crlf"]
    listing = [*git, "-c", "safe.directory=*", "ls-files", "docker", ".gitattributes", "bootstrap"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in names.split("\n"):
        if name:
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes((ROOT / name).read_bytes())
    as_who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (["init", "-q"], ["add", "."], [*as_who, "commit", "-qm", "all"]):
        subprocess.run([*git, *words], cwd=clone, check=True, capture_output=True)
    shutil.rmtree(clone / "docker")
    subprocess.run([*git, "checkout", "-q", "."], cwd=clone, check=True)
    scripts = [path for path in (clone / "docker").rglob("*") if path.is_file()]
    assert scripts
    assert [path for path in scripts if b"\r" in path.read_bytes()] == []


def test_a_windows_env_is_read_alike_by_inv_and_by_compose(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(WINDOWS_ENV.encode())
    assert dotenv.read(tmp_path / ".env")["ALARM_NAME"] == "house"
    (tmp_path / "compose").symlink_to(ROOT / "compose")
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    told = subprocess.run(
        ["docker", "compose", "config", "--format", "json"],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if not k.startswith("ALARM_")},
        capture_output=True,
        text=True,
        check=True,
    )
    config = json.loads(told.stdout)
    app = config["services"]["app"]
    assert config["name"] == "house-dev"
    assert app["ports"][0]["published"] == "6001"
    assert app["environment"]["LOCAL_UID"] == "7"
    assert app["environment"]["ALARM_HOSTS"] == "my.example"


def test_too_little_room_is_told_before_anything_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    full = namedtuple("usage", "total used free")(2**40, 2**40, 2**20)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda path: full)
    with pytest.raises(Failure, match=r"Only 0\.0 GiB are free") as refused:
        disk.require_room()
    assert "docker builder prune" in refused.value.remedy


def test_too_little_room_without_containers_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = namedtuple("usage", "total used free")(2**40, 2**40, 2**20)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda path: full)
    with pytest.raises(Failure, match=r"Only 0\.0 GiB are free") as refused:
        Local(Project(LOCAL, "x-local", ports.free_port(), tmp_path)).up()
    assert "docker" not in refused.value.remedy


def test_an_editor_attaches_in_development_only() -> None:
    debugged = with_debugpy(Project(DEV, "x-dev", 5427))
    assert debugged.command("up")[:6] == [
        *("docker", "compose", "--file", "docker-compose.yml", "--file", "compose/debugpy.yml")
    ]
    with pytest.raises(Failure, match="--debugpy is for development"):
        with_debugpy(Project(PROD, "x-prod", 5427))


def test_a_checkout_that_cannot_be_written_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / ".local").write_text("a file where a folder belongs")
    with pytest.raises(Failure, match="cannot be written") as refused:
        Local(Project(LOCAL, "x-local", ports.free_port(), tmp_path)).up()
    assert "sudo chown" in refused.value.remedy


def test_a_full_disk_is_not_taken_for_a_lack_of_rights(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "of.it"))
    told = pytest.raises(Failure, match=r"of\.it cannot be written: No space")
    with told as refused, files.explain_write_errors(tmp_path):
        raise full
    assert "df -h" in refused.value.remedy
