"""Commands through the real `inv` and `./bootstrap`: errors are two lines, never a
traceback, and the exit status is correct.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from invoke.collection import Collection

import tasks
from stack.config.modes import ROOT
from tests.support.invoke import INV, refusal, run_inv
from tests.support.own_stack import OWNER_BESIDE_ROOT, copy_checkout

NO_ENGINE = "unix:///nowhere.sock"


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (("staging",), "inv --list"),
        (("dev.fly",), "inv --list"),
        (("dev.logs", "--nope"), "inv --help dev.logs"),
        (("dev.logs", "--tail"), "inv --help dev.logs"),
    ],
)
def test_an_unknown_task_or_flag_is_an_error(words: tuple[str, ...], remedy: str) -> None:
    first, second = refusal(run_inv(*words)).splitlines()
    assert words[-1].strip("-") in first
    assert second == f"  → Type: {remedy}"


@pytest.mark.parametrize(
    "typed",
    [
        *("dev", "prod.build", "dev.status", "prod.down", "dev.shell"),
        *("prod.backup", "prod.restore a.tar", "prod.upgrade"),
    ],
)
def test_a_missing_engine_is_an_error(typed: str) -> None:
    assert "No Docker engine answers" in refusal(run_inv(*typed.split(), DOCKER_HOST=NO_ENGINE))


@pytest.mark.parametrize("error", ["docker.errors.APIError('no')", "KeyboardInterrupt()"])
def test_an_error_that_nothing_explains_is_two_lines(error: str) -> None:
    script = f"import tasks, docker.errors; raise {error}"
    argv = [sys.executable, "-c", script]
    assert refusal(subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False))


def test_a_port_that_is_not_a_number_is_an_error() -> None:
    assert "ALARM_PORT is 'five'" in refusal(run_inv("dev.status", ALARM_PORT="five"))


def test_reset_without_an_answer_keeps_everything() -> None:
    assert "There is no terminal to ask on." in refusal(run_inv("prod.reset"))


def test_doctor_names_what_is_missing_with_a_remedy() -> None:
    done = run_inv("doctor", "--json", DOCKER_HOST=NO_ENGINE)
    assert done.returncode == 1
    engine = next(check for check in json.loads(done.stdout) if "Engine" in check["name"])
    assert not engine["ok"]
    assert engine["found"] == f"No Docker engine answers at {NO_ENGINE}."
    assert "unset DOCKER_HOST" in engine["remedy"]


@pytest.mark.parametrize("owner", [os.geteuid(), OWNER_BESIDE_ROOT])
def test_bytecode_is_kept_in_the_users_own_checkout(tmp_path: Path, owner: int) -> None:
    checkout = tmp_path / "checkout"
    copy_checkout(checkout, owner)
    run_inv("--list", root=checkout, PYTHONDONTWRITEBYTECODE="").check_returncode()
    is_ones_own = (checkout / "stack").stat().st_uid == os.geteuid()
    assert any((checkout / "stack").rglob("__pycache__")) == is_ones_own


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [("--list",), ("--help", "dev.logs"), ("version",)])
def test_a_closed_pipe_is_no_error(words: tuple[str, ...], unbuffered: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    argv = [*INV, *words]
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
    for name in ("dirname", "env", "sed"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    done = subprocess.run(
        [ROOT / "bootstrap", "inv", "version"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Python 3.11 or newer is needed; Python 3.9.2 was found." in refusal(done)


def test_bootstrap_without_a_command_lists_them() -> None:
    done = subprocess.run([ROOT / "bootstrap"], capture_output=True, text=True, check=False)
    assert "./bootstrap inv dev" in refusal(done)


def test_windows_is_referred_to_wsl() -> None:
    program = "import sys; sys.platform = 'win32'; import stack"
    argv = [sys.executable, "-c", program]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "WSL 2" in refusal(done)


def test_the_tasks_beside_the_modes_keep_their_names() -> None:
    names = {"engine", "bases", "env", "adopt", "doctor", "version"}
    assert set(tasks.namespace.tasks) == names
