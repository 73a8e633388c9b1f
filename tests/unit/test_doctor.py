"""inv doctor: what it finds, what it corrects, and what it leaves to the user."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from stack.adopt.contents import tracked_files
from stack.config.modes import ROOT
from stack.doctor import checkout, networks
from tests.support.invoke import run_inv

NO_ENGINE = "unix:///nowhere.sock"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A checkout of its own, as git knows it, with everything right."""
    root = tmp_path / "a clone"
    for name in tracked_files():
        others = name.startswith(("frontend/", "backend/", "docs/"))
        if (ROOT / name).is_file() and (not others or name.startswith("frontend/package")):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes((ROOT / name).read_bytes())
            (root / name).chmod((ROOT / name).stat().st_mode)
    git = ["git", "-c", "core.fileMode=true", "-C", str(root)]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    run_inv("env", root=root, DOCKER_HOST=NO_ENGINE)
    return root


def findings(root: Path, *options: str, **variables: str) -> dict[str, dict[str, Any]]:
    """The problems by name."""
    variables = {"DOCKER_HOST": NO_ENGINE, **variables}
    done = run_inv("doctor", "--json", *options, root=root, **variables)
    return {check["name"]: check for check in json.loads(done.stdout) if not check["ok"]}


def test_fix_corrects_what_it_can_and_touches_nothing_else(clone: Path) -> None:
    before = findings(clone).keys()
    env, secrets = clone / ".env", clone / ".secrets"
    settings = env.read_bytes()
    password = (secrets / "postgres_password").read_bytes()
    env.write_bytes(settings.replace(b"\n", b"\r\n"))
    env.chmod(0o644)
    secrets.chmod(0o755)
    (secrets / "secret_key").chmod(0o600)
    (clone / "bootstrap").chmod(0o644)
    (secrets / "ca-bundle").write_bytes(b"of yesterday")
    wrong = findings(clone)
    assert wrong.keys() - before == {
        "line ends of .env",
        "mode of .env",
        "mode of .secrets",
        "mode of .secrets/secret_key",
        "executable files",
        "copy of the CA bundle",
    }
    assert all(wrong[name]["fixable"] and wrong[name]["remedy"] for name in wrong.keys() - before)
    assert not (wrong.keys() - before) & findings(clone, "--fix").keys()
    assert env.read_bytes() == settings
    assert (secrets / "postgres_password").read_bytes() == password
    assert os.access(clone / "bootstrap", os.X_OK)


def test_fix_writes_missing_files(clone: Path) -> None:
    (clone / ".env").unlink()
    (clone / ".secrets" / "secret_key").unlink()
    assert {".env", ".secrets"} <= findings(clone).keys()
    assert not {".env", ".secrets"} & findings(clone, "--fix").keys()


def test_fix_makes_no_password_without_the_engine(clone: Path) -> None:
    """A database with the old password may exist."""
    (clone / ".secrets" / "postgres_password").unlink()
    found = findings(clone, "--fix")
    assert not found[".secrets"]["fixable"]
    assert not (clone / ".secrets" / "postgres_password").exists()


def test_fix_leaves_an_empty_secret_alone(clone: Path) -> None:
    empty = clone / ".secrets" / "postgres_password"
    empty.unlink()
    empty.write_text("\n")
    empty.chmod(0o444)
    assert not findings(clone, "--fix")[".secrets/postgres_password"]["fixable"]


def test_doctors_exit_status_and_output(clone: Path) -> None:
    done = run_inv("doctor", root=clone, DOCKER_HOST=NO_ENGINE)
    assert done.returncode == 1
    assert "✗ Docker Engine >= 25.0: No Docker engine answers at " in done.stderr
    assert "\n  → Start it there; or, " in done.stderr


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"HTTPS_PROXY": "http://localhost:3128"}, "names this machine as localhost"),
        ({"HTTPS_PROXY": "http://"}, "is not an address"),
        ({"http_proxy": "http://proxy.example:3128"}, "http_proxy is set, HTTP_PROXY is not"),
    ],
)
def test_a_proxy_that_builds_cannot_use_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variables: dict[str, str], found: str
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert networks.proxies(tmp_path).ok
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    check = networks.proxies(tmp_path)
    assert found in check.found
    assert not check.ok


def test_a_proxys_password_is_not_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:hunter2@localhost:3128")
    assert "hunter2" not in str(networks.proxies(tmp_path).as_json())


def test_a_venv_made_from_another_lock_file_is_stale(tmp_path: Path) -> None:
    lock = tmp_path / "requirements" / "tools.txt"
    lock.parent.mkdir()
    lock.write_text("invoke\n")
    (tmp_path / ".venv").mkdir()
    record = f"3.11 /usr {checkout.cksum(lock.read_bytes())} {tmp_path}/.venv\n"
    (tmp_path / ".venv" / "made-from").write_text(record)
    assert checkout.venv(tmp_path).ok
    lock.write_text("invoke==3\n")
    assert not checkout.venv(tmp_path).ok
