"""The parts of the stack without containers that need no process."""

from __future__ import annotations

import configparser
import dataclasses
import io
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from stack.cli import runner
from stack.compose.project import Project
from stack.config.modes import DEV, LOCAL, ROOT
from stack.core import console
from stack.core.console import Failure
from stack.core.polling import wait_until
from stack.engine import docker_engine
from stack.engine.docker_engine import Endpoint
from stack.local import install, log, programs, sessions
from stack.local.postgres import Database
from stack.local.runner import Local
from stack.local.sessions import Session


def test_the_images_variables_are_set() -> None:
    found = programs.image_environment((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    assert found["MODE"] == "development"
    assert "PATH" not in found
    assert "ASGI_PROCESSES" not in found, "production's own"


def test_env_lines_of_other_stages_and_values_made_of_variables_are_left_out() -> None:
    base = 'FROM a AS base\nENV A=1 \\\n    B="/two words"\nENV C=$A D=x\n'
    text = f"{base}FROM base AS production\nENV E=5\n"
    assert programs.image_environment(text) == {"A": "1", "B": "/two words", "D": "x"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("/app/backend", "%(ENV_APP_DIR)s/backend"),
        ("/run/app/supervisord.pid", "%(ENV_RUN_DIR)s/supervisord.pid"),
        ("/srv/app/backend", "/srv/app/backend"),
        ("log-prefix vite run-vite", "log-prefix vite run-vite"),
    ],
)
def test_the_containers_folders_are_replaced(value: str, expected: str) -> None:
    assert programs.with_folders(value) == expected


def test_supervisord_runs_the_containers_processes_and_the_database() -> None:
    text = programs.configuration(ROOT)
    config = configparser.RawConfigParser()
    config.read_file(io.StringIO(text))
    found = {name for name in config.sections() if name.startswith("program:")}
    assert found >= {"program:daphne", "program:vite", "program:worker", "program:db"}
    by_themselves = {p for p in found if config.get(p, "autostart", fallback="true") == "true"}
    assert by_themselves == {"program:db"}
    assert config.get("program:daphne", "directory") == "%(ENV_APP_DIR)s/backend"
    assert "/run/app" not in text
    assert not config.has_section("include")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The parts of a checkout from which the processes' environment is made."""
    for name in ("Dockerfile", "frontend/package.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / ".local").mkdir()
    return tmp_path


def environment(checkout: Path) -> dict[str, str]:
    project = Project(LOCAL, "alarm-local", 5999, checkout)
    return programs.environment(project, Database(checkout / "db", None), "/run/x", 8111, 5432)


def test_settings_of_a_windows_env_reach_the_processes(checkout: Path) -> None:
    (checkout / ".env").write_bytes(b"ALARM_EXIT_DELAY=7\r\nPOSTGRES_HOST=elsewhere\r\n")
    env = environment(checkout)
    assert env["ALARM_EXIT_DELAY"] == "7"
    assert env["POSTGRES_HOST"] == "127.0.0.1", "as in compose/, the stack's own database"
    assert (env["REVERSE_PROXY_HOST"], env["REVERSE_PROXY_PORT"]) == ("127.0.0.1", "5999")
    assert env["BACKEND_PORT"] == "8111"
    assert env["INV_MODE"] == "local"


def test_a_variable_of_the_shell_takes_precedence(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / ".env").write_text("ALARM_EXIT_DELAY=7\nALARM_BIND=10.0.0.1\n")
    monkeypatch.setenv("ALARM_EXIT_DELAY", "8")
    monkeypatch.setenv("MODE", "production")
    env = environment(checkout)
    assert env["ALARM_EXIT_DELAY"] == "8"
    assert env["REVERSE_PROXY_HOST"] == "10.0.0.1"
    assert env["MODE"] == "development"


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is not supervisord."""
    process = subprocess.Popen(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def record(checkout: Path, **changes: object) -> None:
    session = Session(str(checkout.resolve()), 1, 0.0, "/nowhere", 1, 2, 3, "")
    text = json.dumps(dataclasses.asdict(session) | changes)
    sessions.file_of(checkout).write_text(text)


def test_another_process_with_the_recorded_id_is_not_ours(
    checkout: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    record(checkout, pid=sleeper.pid, started=1.0)
    assert sessions.current(checkout) is None
    sessions.end(checkout)
    assert sleeper.poll() is None
    assert sessions.recorded(checkout) is None


def test_a_copied_checkout_has_no_session(checkout: Path, sleeper: subprocess.Popen[bytes]) -> None:
    import psutil

    started = psutil.Process(sleeper.pid).create_time()
    record(checkout, pid=sleeper.pid, started=started)
    assert sessions.current(checkout) is not None
    record(checkout, pid=sleeper.pid, started=started, root="/another/checkout")
    assert sessions.current(checkout) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_half_written_record_is_ignored(checkout: Path, text: str) -> None:
    sessions.file_of(checkout).write_text(text)
    assert sessions.current(checkout) is None


def test_a_second_start_or_stop_at_the_same_time_is_refused(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "LOCK_SECONDS", 0)
    with sessions.lock(checkout):
        assert sessions.is_locked(checkout)
        with pytest.raises(Failure, match="has locked this stack"), sessions.lock(checkout):
            pass
    assert not sessions.is_locked(checkout)


LOG = "db         | a\ndaphne     | b | c\nvite       | d\ndaphne     | e\n"


@pytest.mark.parametrize(
    ("program", "tail", "expected"),
    [
        (None, None, LOG),
        (None, 1, "daphne     | e\n"),
        ("daphne", 1, "daphne     | e\n"),
        ("daphne", None, "daphne     | b | c\ndaphne     | e\n"),
        ("db", 5, "db         | a\n"),
        ("app", 2, "vite       | d\ndaphne     | e\n"),
        (None, 0, ""),
    ],
)
def test_the_log(
    program: str | None,
    tail: int | None,
    expected: str,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "log").write_text(LOG)
    assert log.show(tmp_path / "log", program, tail, lambda: False) == 0
    assert capfd.readouterr().out == expected


def test_the_log_is_followed_over_a_restart_until_the_end(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file, goes_on = tmp_path / "log", threading.Event()
    file.write_text(LOG)
    following = threading.Thread(
        target=lambda: log.show(file, "vite", 1, lambda: not goes_on.is_set())
    )
    following.start()
    seen = ""

    def shown(text: str) -> bool:
        nonlocal seen
        seen += capfd.readouterr().out
        return text in seen

    wait_until("the last line", lambda: shown("| d"), seconds=10)
    with file.open("a") as stream:
        stream.write("vite       | half a ")
        stream.flush()
        stream.write("line\n")
    wait_until("the line", lambda: shown("vite       | half a line\n"), seconds=10)
    file.write_text("vite       | anew\n")
    wait_until("the next start", lambda: shown("vite       | anew\n"), seconds=10)
    goes_on.set()
    following.join(10)
    assert not following.is_alive()
    assert seen.splitlines() == ["vite       | d", "vite       | half a line", "vite       | anew"]


def test_without_an_engine_dev_runs_without_containers(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(docker_engine, "endpoint", lambda: Endpoint("unix:///nowhere.sock"))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    assert isinstance(runner.for_mode(DEV, starts=True), Local)
    (line,) = capfd.readouterr().err.splitlines()
    assert "inv local" in line
    assert "inv engine" in line


def test_an_engine_that_was_chosen_and_does_not_answer_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere.sock")
    with pytest.raises(Failure, match="No Docker engine answers at"):
        runner.for_mode(DEV, starts=True).up()


def test_jobs_run_together_and_the_first_error_is_raised() -> None:
    meet = threading.Barrier(2, timeout=10)

    def fails() -> None:
        meet.wait()
        raise Failure("It broke.", "Correct it.")

    with pytest.raises(Failure, match="It broke"):
        console.run_in_parallel(meet.wait, fails)  # type: ignore[arg-type]  # its answer is not used


def test_a_checkout_whose_owner_has_no_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    nameless = os.stat_result((0o40755, 0, 0, 1, 424242, 424242, 0, 0, 0, 0))
    monkeypatch.setattr(Path, "stat", lambda path, **_: nameless)
    with pytest.raises(Failure, match="user 424242, has no name"):
        Local(Project(LOCAL, "alarm-local", 5999, tmp_path))


def test_what_is_asked_of_the_app_has_its_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the smoke checks' session has another secret key than the processes that serve."""
    (tmp_path / "backend").mkdir()
    command = tmp_path / "app-environment"
    command.write_text('#!/bin/sh\necho "with settings: $*"\n')
    command.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    running = SimpleNamespace(environment=lambda project: {"PATH": path})
    local = Local(Project(LOCAL, "x-local", 5999, tmp_path))
    monkeypatch.setattr(local, "require_running", lambda: running)
    assert local.ask_app("echo", "a word").stdout == "with settings: echo a word\n"


def test_an_installation_without_its_program_is_not_recorded(tmp_path: Path) -> None:
    stamp, program, runs = tmp_path / "stamp", tmp_path / "program", []

    def install_once(*, whole: bool) -> None:
        def step() -> None:
            runs.append(whole)
            if whole:
                program.touch()

        install.once(stamp, "as the lock file says", step, program)

    with pytest.raises(Failure, match="and there is no"):
        install_once(whole=False)
    assert not stamp.exists()
    install_once(whole=True)
    install_once(whole=True)
    program.unlink()
    install_once(whole=True)
    assert runs == [False, True, True]
