"""Checkouts of other platforms, and full disks."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from stack.compose import ports
from stack.compose.checkout import with_debugpy
from stack.compose.project import Project
from stack.config import dotenv, version
from stack.config.modes import DEV, LOCAL, PROD, ROOT
from stack.core import files
from stack.core.console import Failure
from stack.engine import disk
from stack.local import install
from stack.local.runner import Local
from tests.support.own_stack import copy_checkout

WINDOWS_ENV = "LOCAL_UID=7\r\nALARM_NAME=house\r\nALARM_PORT=6001\r\nALARM_HOSTS=my.example\r\n"


def test_scripts_have_unix_line_endings_despite_autocrlf(tmp_path: Path) -> None:
    """Git for Windows sets autocrlf, and a carriage return breaks a script's first line."""
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


def test_inv_and_compose_read_a_windows_env_alike(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(WINDOWS_ENV.encode())
    assert dotenv.read(tmp_path / ".env")["ALARM_NAME"] == "house"
    (tmp_path / "compose").symlink_to(ROOT / "compose")
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    output = subprocess.run(
        ["docker-compose", "config", "--format", "json"],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if not k.startswith("ALARM_")},
        capture_output=True,
        text=True,
        check=True,
    )
    config = json.loads(output.stdout)
    app = config["services"]["app"]
    assert config["name"] == "house-dev"
    assert app["ports"][0]["published"] == "6001"
    assert app["environment"]["LOCAL_UID"] == "7"
    assert app["environment"]["ALARM_HOSTS"] == "my.example"


def test_a_checkout_may_be_in_any_folder(tmp_path: Path) -> None:
    oddly_placed = tmp_path / '-My "House": it\'s é`$HOME'
    copy_checkout(oddly_placed, os.geteuid())
    env = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}

    def answer(*words: str, cwd: Path = oddly_placed) -> str:
        done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    inv = str(oddly_placed / "bootstrap"), "inv"
    assert "dev.logs" in answer(*inv, "--list", cwd=tmp_path)
    assert answer(*inv, "version").startswith(version.version())
    volumes = json.loads(answer("docker-compose", "config", "--format", "json"))["services"]["app"]
    sources = {volume["source"] for volume in volumes["volumes"] if volume["type"] == "bind"}
    written = str(oddly_placed).replace("$", "$$")
    assert sources == {f"{written}/backend", f"{written}/frontend"}


def test_the_commit_is_the_checkouts_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*words: str) -> None:
        as_who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        subprocess.run(["git", *as_who, "-C", str(tmp_path), *words], check=True)

    git("init", "-q")
    git("commit", "-q", "--allow-empty", "-m", "other")
    git("worktree", "add", "-q", str(tmp_path / "worktree"))
    (tmp_path / "from a zip").mkdir()
    other = version.revision(tmp_path)
    assert len(other) == 12
    assert version.revision(tmp_path / "worktree") == other
    assert version.revision(tmp_path / "from a zip") == "unknown", "not the repository's around it"
    own = version.revision(ROOT)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / ".git"))  # as in a hook
    assert version.revision(ROOT) == own


def test_without_containers_a_folder_that_no_program_is_found_in_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "a:b"
    root.mkdir()
    with pytest.raises(Failure, match=r"cannot run in .*a:b because of :") as refused:
        install.everything(root)
    assert "inv dev" in refused.value.remedy


FULL = SimpleNamespace(free=2**20)


def test_a_full_disk_is_an_error_before_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: FULL)
    with pytest.raises(Failure, match=r"Only 0\.0 GiB are free") as refused:
        disk.require_room(tmp_path)
    assert "docker builder prune" in refused.value.remedy


def test_a_full_disk_is_an_error_without_containers_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: FULL)
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


def test_a_full_disk_is_not_reported_as_missing_permission(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", str(tmp_path / "of.it"))
    output = pytest.raises(Failure, match=r"of\.it cannot be written: No space")
    with output as refused, files.explain_write_errors(tmp_path):
        raise full
    assert "df -h" in refused.value.remedy
