"""What a person types, through the real `inv` and `./bootstrap`: errors are two lines, never a
traceback, and the exit status tells the truth.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from invoke.collection import Collection

import tasks
from stack.config.modes import ROOT
from tests.smoke.own_stack import OWNER_BESIDE_ROOT, copy_checkout


def inv(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "invoke", *words]
    env = {**os.environ, **variables}
    return subprocess.run(
        argv, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def said(done: subprocess.CompletedProcess[str]) -> str:
    """What a command that failed has said; it is never a traceback."""
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    last = done.stderr.strip().splitlines()[-2:]
    assert last[0].startswith("✗ "), done.stderr
    assert last[1].startswith("  → "), done.stderr
    return done.stderr


NO_ENGINE = "unix:///nowhere.sock"


@pytest.mark.parametrize("words", [("staging",), ("dev.fly",), ("dev.logs", "--nope")])
def test_what_does_not_exist(words: tuple[str, ...]) -> None:
    assert "No idea what" in said(inv(*words))


@pytest.mark.parametrize(
    "typed",
    [
        *("dev", "prod.build", "dev.status", "prod.down", "dev.shell"),
        *("prod.backup", "prod.restore a.tar", "prod.upgrade"),
    ],
)
def test_no_engine(typed: str) -> None:
    assert "No Docker engine answers" in said(inv(*typed.split(), DOCKER_HOST=NO_ENGINE))


def test_a_port_that_is_none() -> None:
    assert "ALARM_PORT is 'five'" in said(inv("dev.status", ALARM_PORT="five"))


def test_a_port_that_is_taken_names_the_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        message = said(inv("prod", ALARM_PORT=str(port)))
    assert f"Port {port} is taken by" in message
    assert f"(process {os.getpid()})" in message
    assert f"ALARM_PORT={port + 1} inv prod" in message


def test_a_stack_that_does_not_run() -> None:
    # On a port of its own, so that a person's stack does not matter; the project is theirs.
    done = inv("prod.logs", "no-such-program", "--no-follow")
    assert "does not run" in said(done) or "There is no program" in said(done)


def test_reset_asks_and_keeps_everything_without_an_answer() -> None:
    assert "There is no terminal to ask on." in said(inv("prod.reset"))


def test_doctor_says_what_is_missing_and_how_to_get_it() -> None:
    done = inv("doctor", "--json", DOCKER_HOST=NO_ENGINE)
    assert done.returncode == 1
    engine = next(check for check in json.loads(done.stdout) if "Engine" in check["name"])
    assert not engine["ok"]
    assert engine["found"] == f"No Docker engine answers at {NO_ENGINE}."
    assert "unset DOCKER_HOST" in engine["remedy"]


@pytest.mark.parametrize("owner", [os.geteuid(), OWNER_BESIDE_ROOT])
def test_bytecode_is_kept_in_ones_own_checkout(tmp_path: Path, owner: int) -> None:
    checkout = tmp_path / "checkout"
    copy_checkout(checkout, owner)
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    argv = [sys.executable, "-m", "invoke", "--list"]
    subprocess.run(argv, cwd=checkout, env=env, capture_output=True, timeout=120, check=True)
    is_ones_own = (checkout / "stack").stat().st_uid == os.geteuid()
    assert any((checkout / "stack").rglob("__pycache__")) == is_ones_own


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [("--list",), ("--help", "dev.logs"), ("version",)])
def test_a_reader_that_has_left_is_no_error(words: tuple[str, ...], unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    argv = [sys.executable, "-m", "invoke", *words]
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with open(writer, "w") as gone:
        done = subprocess.run(
            argv, cwd=ROOT, env=env, stdout=gone, stderr=subprocess.PIPE, check=False
        )
    assert done.stderr == b""


def test_every_flag_has_help() -> None:
    verbs = Collection.from_module(tasks).to_contexts()
    bare = [(verb.name, flag) for verb in verbs for flag, arg in verb.args.items() if not arg.help]
    assert len(verbs) > 20
    assert bare == []


OLD_PYTHON = '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\n'


def test_bootstrap_refuses_a_python_that_is_too_old(tmp_path: Path) -> None:
    for name in ("python3", "python"):
        (tmp_path / name).write_text(OLD_PYTHON)
        (tmp_path / name).chmod(0o755)
    (tmp_path / "dirname").symlink_to(str(shutil.which("dirname")))
    done = subprocess.run(
        [ROOT / "bootstrap", "inv", "version"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Python 3.11 or newer is needed; Python 3.9.2 was found." in said(done)


def test_bootstrap_without_a_command_says_which() -> None:
    done = subprocess.run([ROOT / "bootstrap"], capture_output=True, text=True, check=False)
    assert "./bootstrap inv dev" in said(done)


def test_windows_itself_is_told_of_wsl() -> None:
    program = "import sys; sys.platform = 'win32'; import stack"
    argv = [sys.executable, "-c", program]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "WSL 2" in said(done)


def test_the_tasks_beside_the_modes_keep_their_names() -> None:
    assert set(tasks.namespace.tasks) == {"engine", "bases", "env", "doctor", "version"}


@pytest.mark.parametrize("words", [("nosuch",), ("dev.logs", "--nosuch"), ("dev.logs", "--tail")])
def test_a_task_or_flag_that_does_not_exist_has_a_remedy(words: tuple[str, ...]) -> None:
    argv = [sys.executable, "-m", "invoke", *words]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert first.startswith("✗ ")
    assert second == "  → Type: inv --list"
