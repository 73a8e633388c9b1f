"""The stack without containers: processes restart after a crash and end with the stack."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from stack.cli.runner import Runner
from stack.compose import ports
from stack.core.polling import wait_until
from stack.local import postgres, sessions
from stack.local.postgres import has_ended
from stack.local.runner import Local
from tests.support.invoke import INV, environment, inv
from tests.support.local_stack import database_process, processes, session_of
from tests.support.panel import Panel
from tests.support.sources import edited

pytestmark = pytest.mark.mode("local")


@pytest.fixture(autouse=True)
def started_or_stopped(request: pytest.FixtureRequest, runner: Runner) -> None:
    """A test finds the stack running, or stopped if it uses that fixture."""
    if "stopped" in request.fixturenames:
        runner.down()
    elif sessions.current(runner.project.root) is None:
        runner.up()


@pytest.fixture
def stopped() -> None:
    """For tests of what happens before a start."""


@pytest.fixture(autouse=True, scope="module")
def started_afterwards(runner: Runner) -> Iterator[None]:
    """The tests in other files find the stack running."""
    yield
    runner.up()


def test_a_breakpoint_in_a_view_is_debugged(panel: Panel, local: Local) -> None:
    view = local.root / "backend" / "config" / "health.py"
    stop = 'said = "as written"\n    breakpoint()\n    return JsonResponse({"status": said'
    with (
        ThreadPoolExecutor() as threads,
        edited(view, 'return JsonResponse({"status": "ok"', stop),
        attached(local) as pdb,
    ):
        asked = threads.submit(first_answer, panel)
        assert pdb.stdin is not None
        pdb.stdin.write('p said.upper()\nsaid = "as debugged"\ncontinue\n')
        pdb.stdin.flush()
        assert any("'AS WRITTEN'" in line for line in pdb.stdout or ())
        assert asked.result(60) == "as debugged"
    panel.wait_until_settled()


@contextmanager
def attached(local: Local) -> Iterator[subprocess.Popen[str]]:
    """`inv local.attach`, which waits for a breakpoint."""
    with subprocess.Popen(
        [*INV, "local.attach"],
        cwd=local.root,
        env=environment(local.project),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as command:
        try:
            yield command
        finally:
            os.killpg(command.pid, signal.SIGTERM)


def first_answer(panel: Panel) -> str:
    """The view's first answer after its breakpoint."""

    def status() -> str:
        answer = requests.get(f"{panel.url}/api/health/live/", timeout=60).json()
        return str(answer["status"] if answer["status"] != "ok" else "")

    away = (requests.RequestException, KeyError)
    return wait_until("the edited answer", status, seconds=60, ignoring=away)


def test_a_killed_database_is_restarted(panel: Panel, local: Local) -> None:
    panel.arm("away")
    panel.disarm()
    before = panel.get("/api/events/").json()["results"]
    killed, known = database_process(local), {each.pid for each in processes(local)}
    killed.kill()
    wait_until("its end", lambda: has_ended(killed), seconds=20)

    # The killed one's own children may answer until the next one runs.
    def is_another() -> bool:
        return database_process(local).pid not in known

    gone = (StopIteration, psutil.NoSuchProcess)
    wait_until("another database", is_another, seconds=60, ignoring=gone)
    panel.wait_until_ready()
    assert panel.get("/api/events/").json()["results"] == before


def test_a_killed_vite_is_restarted(panel: Panel, local: Local) -> None:
    vite = next(each for each in processes(local) if "dev-server.js" in " ".join(each.cmdline()))
    vite.kill()
    wait_until("its end", lambda: has_ended(vite), seconds=20)
    panel.wait_until_ready()


def test_a_start_works_after_supervisord_was_killed(panel: Panel, local: Local) -> None:
    orphans = processes(local)
    orphans.pop(0).kill()
    assert inv(local.project, "local.status", "--json").stdout.strip() == "[]"
    local.up()
    assert [process for process in orphans if not has_ended(process)] == []
    panel.wait_until_ready()


def test_only_ctrl_c_stops_the_stack(session_panel: Panel, local: Local) -> None:
    command = foreground(local)
    running = processes(local)
    command.kill()
    command.wait()
    assert inv(local.project, "local.status").returncode == 0
    session_panel.wait_until_ready()

    command = foreground(local)
    command.send_signal(signal.SIGINT)
    assert command.wait(timeout=60) == 0
    assert [process for process in running if not has_ended(process)] == []


def foreground(local: Local) -> subprocess.Popen[str]:
    """`inv local`, which follows the log when this returns."""
    command = subprocess.Popen(
        [*INV, "local"],
        cwd=local.root,
        env=environment(local.project),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert command.stderr
    assert any("Ctrl-C stops the stack." in line for line in command.stderr)
    return command


@pytest.mark.usefixtures("stopped")
def test_data_of_another_major_version_is_refused(local: Local) -> None:
    version = postgres.database_of(local.root).data / "PG_VERSION"
    ours = version.read_text()
    version.write_text("9\n")
    try:
        done = inv(local.project, "local", "--detach")
    finally:
        version.write_text(ours)
    assert done.returncode == 1
    assert "✗ The local database was made by PostgreSQL 9; this checkout runs 18." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("stopped")
def test_a_command_starts_the_database_when_the_stack_is_down(local: Local) -> None:
    assert local.in_app("python", "manage.py", "migrate", "--check") == 0
    assert local.rows() == []


@pytest.mark.usefixtures("stopped")
def test_a_second_start_installs_nothing_and_ignores_a_stale_pid_file(local: Local) -> None:
    """The process with the id in the file is not PostgreSQL. It must not be killed."""
    database = postgres.database_of(local.root)
    with subprocess.Popen(["sleep", "300"], user=database.user, cwd="/") as bystander:
        try:
            pid_file = database.data / "postmaster.pid"
            pid_file.write_text(f"{bystander.pid}\n{database.data}\n1\n5432\n\n127.0.0.1\n\n")
            again = inv(local.project, "local", "--detach")
            assert again.returncode == 0, again.stderr
            assert not re.search(r"\b(pip|npm)\b", again.stderr), "nothing has changed"
            assert bystander.poll() is None
        finally:
            bystander.kill()


def test_changed_settings_take_effect(panel: Panel, local: Local) -> None:
    env = local.root / ".env"
    before = env.read_bytes()
    env.write_bytes(before.replace(b"\n", b"\r\n") + b"ALARM_HOSTS=panel.example\r\n")
    try:
        local.up()
        asked = {"Host": f"panel.example:{local.project.port}"}
        assert panel.get("/api/health/live/", headers=asked).status_code == 200
    finally:
        env.write_bytes(before)


def test_down_leaves_no_process_and_no_folder(local: Local) -> None:
    session, running = session_of(local), processes(local)
    assert inv(local.project, "local.down").returncode == 0
    assert [process for process in running if not has_ended(process)] == []
    assert not Path(session.run_dir).exists()
    assert not ports.is_taken(local.project.port)
    assert "does not run" in inv(local.project, "local.logs", "--no-follow").stderr
