"""Promises of the stack without containers: what is started ends, and what crashes comes back."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
import requests

from stack.cli.runner import Runner
from stack.compose import ports
from stack.compose.project import Project
from stack.core.polling import wait_until
from stack.local import postgres, sessions
from stack.local.postgres import has_ended
from stack.local.runner import Local
from tests.smoke.panel import Panel
from tests.smoke.test_dev import edited

pytestmark = pytest.mark.mode("local")

PROGRAMS = {"daphne", "vite", "worker", "dev-page", "db"}


@pytest.fixture(autouse=True)
def as_it_should_be(request: pytest.FixtureRequest, runner: Runner) -> None:
    """A test finds it running, whatever the one before did; or stopped, if it asks for that."""
    if request.config.getoption("--running"):
        return
    if "stopped" in request.fixturenames:
        runner.down()
    elif sessions.current(runner.project.root) is None:
        runner.up()


@pytest.fixture
def stopped() -> None:
    """For tests of what happens before a start: they need no start of their own."""


@pytest.fixture(autouse=True, scope="module")
def running_again(request: pytest.FixtureRequest, runner: Runner) -> Iterator[None]:
    """For the promises in other files."""
    yield
    if not request.config.getoption("--running"):
        runner.up()


@pytest.fixture
def local(runner: Runner) -> Local:
    assert isinstance(runner, Local)
    return runner


def session_of(local: Local) -> sessions.Session:
    session = sessions.current(local.root)
    assert session
    return session


def processes(local: Local) -> list[psutil.Process]:
    supervisord = psutil.Process(session_of(local).pid)
    return [supervisord, *supervisord.children(recursive=True)]


def database_process(local: Local) -> psutil.Process:
    return next(process for process in processes(local) if process.name() == "postgres")


def inv(local: Local, *words: str, piped: str = "") -> subprocess.CompletedProcess[str]:
    """Invoke in the tests' checkout, on its port."""
    return subprocess.run(
        [sys.executable, "-m", "invoke", *words],
        cwd=local.root,
        env={**os.environ, "ALARM_PORT": str(local.project.port)},
        input=piped,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_every_program_runs_and_the_services_are_healthy(panel: Panel, local: Local) -> None:
    def states() -> bool:
        rows = {row.name.strip(): row.state for row in local.rows()}
        assert set(rows) == PROGRAMS | {"app"}
        return rows.pop("app") == rows.pop("db") == "healthy" and {*rows.values()} == {"running"}

    assert wait_until("every program to run", states, seconds=60)


def test_the_status_knows_each_programs_port(panel: Panel, local: Local) -> None:
    session = session_of(local)
    listening = {"app": session.port, "vite": session.port, "daphne": session.backend_port}
    wanted = {**listening, "db": session.database_port, "worker": None, "dev-page": None}

    def as_wanted() -> bool:
        return {row.name.strip(): row.port for row in local.rows()} == wanted

    wait_until("the ports", as_wanted, seconds=60)


def test_psql_takes_what_is_piped_in(panel: Panel, local: Local) -> None:
    done = inv(local, "local.db", piped="SELECT current_database() || '-' || 6 * 7;\n")
    assert "alarm_db-42" in done.stdout, done.stderr


def test_the_backends_tests_run_and_leave_nothing_behind(panel: Panel, local: Local) -> None:
    done = inv(local, "local.test", "-q", "-k", "transition", "tests/test_transitions.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    left = {p.name for p in (local.root / "backend").iterdir()} & {".pytest_cache", ".hypothesis"}
    assert left == set()


@pytest.mark.own_stack
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
        [sys.executable, "-m", "invoke", "local.attach"],
        cwd=local.root,
        env={**os.environ, "ALARM_PORT": str(local.project.port)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as front:
        try:
            yield front
        finally:
            os.killpg(front.pid, signal.SIGTERM)


def first_answer(panel: Panel) -> str:
    """What the view says once its breakpoint was passed."""

    def status() -> str:
        answer = requests.get(f"{panel.url}/api/health/live/", timeout=60).json()
        return str(answer["status"] if answer["status"] != "ok" else "")

    away = (requests.RequestException, KeyError)
    return wait_until("the edited answer", status, seconds=60, ignoring=away)


def test_only_this_machine_can_reach_it(panel: Panel, local: Local) -> None:
    listening = {
        (found.laddr.ip, found.laddr.port)
        for process in processes(local)
        for found in process.net_connections(kind="inet")
        if found.status == psutil.CONN_LISTEN
    }
    assert {ip for ip, _ in listening} == {"127.0.0.1"}
    assert len(listening) == 3  # the page, Daphne, PostgreSQL


def test_the_database_asks_for_a_password(panel: Panel, local: Local) -> None:
    env = session_of(local).environment(local.project)
    psql = Path(env["POSTGRES_PROGRAMS"]) / "psql"
    words = ["--no-password", "--host=127.0.0.1", "--username=alarm", "--command=SELECT 1"]
    for password in ("", "alarm"):
        asked = subprocess.run(
            [psql, *words, "alarm_db"],
            env={**env, "PGPASSWORD": password},
            capture_output=True,
            text=True,
        )
        assert asked.returncode != 0, asked.stdout


def test_postgresql_does_not_run_as_root(panel: Panel, local: Local) -> None:
    assert database_process(local).uids().effective != 0
    owner = local.root.stat().st_uid
    others = {each.uids().effective for each in processes(local) if each.name() != "postgres"}
    assert owner in others
    assert others <= {owner, database_process(local).uids().effective}


def test_each_line_of_the_log_names_its_program(panel: Panel, local: Local) -> None:
    log = sessions.log_of(local.root).read_text(encoding="utf-8")
    names = {line.partition(" | ")[0].strip() for line in log.splitlines()}
    assert {"daphne", "db", "vite"} <= names <= PROGRAMS | {"prepare", "supervisor"}


def test_a_program_that_does_not_exist_is_named(panel: Panel, local: Local) -> None:
    done = inv(local, "local.logs", "nginx", "--no-follow")
    assert done.returncode == 1
    assert "✗ There is no program nginx in the local stack." in done.stderr


@pytest.mark.own_stack
def test_a_database_that_was_killed_comes_back(panel: Panel, local: Local) -> None:
    panel.arm("away")
    panel.disarm()
    before = panel.get("/api/events/").json()["results"]
    killed = database_process(local)
    killed.kill()
    wait_until("its end", lambda: has_ended(killed), seconds=20)
    panel.wait_until_ready()
    assert panel.get("/api/events/").json()["results"] == before


@pytest.mark.own_stack
def test_a_page_that_was_killed_comes_back(panel: Panel, local: Local) -> None:
    vite = next(each for each in processes(local) if "vite" in " ".join(each.cmdline()[:2]))
    vite.kill()
    wait_until("its end", lambda: has_ended(vite), seconds=20)
    panel.wait_until_ready()


def test_the_port_of_another_checkout_is_said(panel: Panel, local: Local) -> None:
    """This test's own checkout asks for the port that the tests' copy has."""
    from stack.config.modes import LOCAL, ROOT

    who, remedy = ports.holder(local.project.port)
    assert who == f"the local stack of {local.root}"
    assert remedy.endswith("./bootstrap inv local.down")
    with pytest.raises(Exception, match=f"ALARM_PORT={local.project.port + 1} inv local"):
        ports.require_free(Project(LOCAL, "alarm-local", local.project.port, ROOT))


@pytest.mark.own_stack
def test_a_killed_supervisord_leaves_nothing_that_keeps_a_start_from_working(
    panel: Panel, local: Local
) -> None:
    orphans = processes(local)
    orphans.pop(0).kill()
    assert inv(local, "local.status", "--json").stdout.strip() == "[]"
    local.up()
    assert [process for process in orphans if not has_ended(process)] == []
    panel.wait_until_ready()


@pytest.mark.own_stack
def test_ctrl_c_ends_it_and_a_killed_front_does_not(panel_of_session: Panel, local: Local) -> None:
    front = foreground(local)
    running = processes(local)
    front.kill()
    front.wait()
    assert inv(local, "local.status").returncode == 0
    panel_of_session.wait_until_ready()

    front = foreground(local)
    front.send_signal(signal.SIGINT)
    assert front.wait(timeout=60) == 0
    assert [process for process in running if not has_ended(process)] == []


def foreground(local: Local) -> subprocess.Popen[str]:
    """`inv local` as a person types it, once it follows the log."""
    front = subprocess.Popen(
        [sys.executable, "-m", "invoke", "local"],
        cwd=local.root,
        env={**os.environ, "ALARM_PORT": str(local.project.port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert front.stderr
    assert any("Ctrl-C stops the stack." in line for line in front.stderr)
    return front


@pytest.mark.own_stack
@pytest.mark.usefixtures("stopped")
def test_data_of_another_major_version_is_left_alone(local: Local) -> None:
    version = postgres.of(local.root).data / "PG_VERSION"
    ours = version.read_text()
    version.write_text("9\n")
    try:
        done = inv(local, "local", "--detach")
    finally:
        version.write_text(ours)
    assert done.returncode == 1
    assert "✗ The local database was made by PostgreSQL 9; this checkout runs 18." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.own_stack
@pytest.mark.usefixtures("stopped")
def test_a_command_finds_the_database_when_the_stack_is_down(local: Local) -> None:
    assert local.in_app("python", "manage.py", "migrate", "--check") == 0
    assert local.rows() == []


@pytest.mark.own_stack
@pytest.mark.usefixtures("stopped")
def test_a_second_start_installs_nothing_and_a_stale_pid_file_ends_nobody(local: Local) -> None:
    """PostgreSQL itself would take it for a server that runs; nobody may end that process."""
    database = postgres.of(local.root)
    with subprocess.Popen(["sleep", "300"], user=database.user, cwd="/") as bystander:
        try:
            pid_file = database.data / "postmaster.pid"
            pid_file.write_text(f"{bystander.pid}\n{database.data}\n1\n5432\n\n127.0.0.1\n\n")
            again = inv(local, "local", "--detach")
            assert again.returncode == 0, again.stderr
            assert not re.search(r"\b(pip|npm)\b", again.stderr), "nothing has changed"
            assert bystander.poll() is None
        finally:
            bystander.kill()


@pytest.mark.own_stack
def test_settings_that_changed_are_taken_up(panel: Panel, local: Local) -> None:
    env = local.root / ".env"
    before = env.read_bytes()
    env.write_bytes(before.replace(b"\n", b"\r\n") + b"ALARM_HOSTS=panel.example\r\n")
    try:
        local.up()
        asked = {"Host": f"panel.example:{local.project.port}"}
        assert panel.get("/api/health/live/", headers=asked).status_code == 200
    finally:
        env.write_bytes(before)


@pytest.mark.own_stack
def test_down_leaves_no_process_and_no_folder(local: Local) -> None:
    session, running = session_of(local), processes(local)
    assert inv(local, "local.down").returncode == 0
    assert [process for process in running if not has_ended(process)] == []
    assert not Path(session.run_dir).exists()
    assert not ports.is_taken(local.project.port)
    assert "does not run" in inv(local, "local.logs", "--no-follow").stderr
