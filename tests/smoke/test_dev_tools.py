"""Promises of `inv dev`'s verbs and of its start and end, typed as a person types them."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import sys
import threading
import time

import pytest
import requests

from stack.compose import status
from stack.compose.exec import run_one_off
from stack.compose.project import Project
from stack.config import project_name
from stack.core.polling import wait_until
from stack.deploy.up import up
from tests.smoke.hmr import hmr_socket, load_module_graph
from tests.smoke.panel import Panel
from tests.smoke.test_dev import edited

pytestmark = [pytest.mark.mode("dev"), pytest.mark.own_stack]

SECONDS = 90  # a limit for a loaded machine


def environment(project: Project, **variables: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != project_name.VARIABLE}
    return {**kept, "ALARM_PORT": str(project.port), **variables}


def inv(project: Project, *words: str, piped: str = "") -> subprocess.CompletedProcess[str]:
    """Run `inv` in the tests' copy of the checkout, where it means the tests' stack."""
    return subprocess.run(
        [sys.executable, "-m", "invoke", *words],
        cwd=project.root,
        env=environment(project),
        input=piped,
        capture_output=True,
        text=True,
        timeout=SECONDS * 2,
        check=False,
    )


class Terminal:
    """`inv` with a terminal of its own."""

    def __init__(self, project: Project, *words: str, **variables: str) -> None:
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.chdir(project.root)
            argv = [sys.executable, "-m", "invoke", *words]
            os.execvpe(argv[0], argv, environment(project, TERM="xterm", **variables))
        self.said = ""

    def wait_for(self, text: str) -> str:
        """Read until a text comes; returns what came until then, and forgets it."""
        limit = time.monotonic() + SECONDS
        while text not in self.said:
            assert time.monotonic() < limit, f"no {text!r} in {self.said!r}"
            if select.select([self.handle], [], [], 0.2)[0]:
                self.said += os.read(self.handle, 65536).decode(errors="replace")
        before, _, self.said = self.said.partition(text)
        return before

    def type(self, text: str) -> None:
        os.write(self.handle, text.encode())

    def close(self) -> None:
        """Close its window, and wait for its end."""
        os.close(self.handle)
        wait_until("its end", lambda: os.waitpid(self.pid, os.WNOHANG)[0], seconds=SECONDS)

    def end(self) -> int:
        """Wait for its end, reading what it still says; the exit status."""
        while True:
            try:
                if not os.read(self.handle, 65536):
                    break
            except OSError:  # how Linux says that nobody is at the other end
                break
        os.close(self.handle)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def wait_for_log(project: Project, text: str, since: float) -> str:
    """The first line of the app's log with a text in it, since a moment."""

    def line() -> str | None:
        app = project.containers()["app"]
        log = app.logs(since=int(since)).decode(errors="replace")
        return next((line for line in log.splitlines() if text in line), None)

    return wait_until(f"{text!r} in the log", line, seconds=SECONDS) or ""


def test_a_python_error_is_shown_in_the_browser_until_it_is_mended(
    panel: Panel, project: Project
) -> None:
    load_module_graph(panel, "/src/main.tsx", set())
    socket = hmr_socket(panel)
    view = project.root / "backend" / "config" / "health.py"
    with edited(view, "import asyncio", "import ("):
        while (message := socket.next_message(SECONDS))["type"] != "error":
            pass
        assert "config/health.py, line" in message["err"]["message"]
        assert "Traceback" in message["err"]["stack"]
        answer = panel.get("/api/alarm/state/")
        assert answer.status_code == 503
        assert answer.json()["code"] == "backend_unavailable"
        assert "SyntaxError" in answer.json()["detail"]
    while (message := socket.next_message(SECONDS))["type"] != "update":
        pass
    panel.wait_until_settled()


def test_a_new_migration_is_announced_and_applied_without_a_restart(
    panel: Panel, project: Project
) -> None:
    started = project.containers()["app"].attrs["State"]["StartedAt"]
    since = time.time()
    made = inv(project, "dev.manage", "makemigrations", "alarm", "--empty", "--name", "by_a_test")
    assert made.returncode == 0, made.stderr
    (written,) = (project.root / "backend").rglob("*_by_a_test.py")
    try:
        told = wait_for_log(project, "New migration", since)
        assert f"{written.name}. Apply it: inv dev.migrate" in told
        assert "by_a_test" in inv(project, "dev.migrate").stdout
        previous = sorted(written.parent.glob("0*.py"))[-2].stem
        back = inv(project, "dev.manage", "migrate", "alarm", previous)
        assert back.returncode == 0, back.stderr
    finally:
        written.unlink()
    panel.wait_until_settled()
    assert project.containers()["app"].attrs["State"]["StartedAt"] == started


def test_new_requirements_are_installed_while_it_runs_and_told(
    panel: Panel, project: Project
) -> None:
    since = time.time()
    file = project.root / "backend" / "requirements-dev.txt"
    with edited(file, "\ndjango==", "\n# a line that changes the hash alone\ndjango=="):
        told = wait_for_log(project, "changed since the last install; running:", since)
        assert "pip install" in told
        wait_for_log(project, "requirements.txt: installed", since)
    panel.wait_until_settled()


def test_a_broken_package_json_is_told_and_vite_comes_back_by_itself(
    panel: Panel, project: Project
) -> None:
    since = time.time()
    file = project.root / "frontend" / "package.json"
    with edited(file, '"private": true', '"private": tru'):
        assert inv(project, "dev.shell", "vite", piped="pwd\n").stdout.strip() == "/app/frontend"
        project.containers()["app"].exec_run(["programs", "restart", "vite"])
        wait_for_log(project, "package.json cannot be read", since)
        wait_for_log(project, "Vite starts as soon as", since)
    panel.wait_until_settled()


def test_a_lock_file_that_npm_refuses_is_told_and_vite_goes_on(
    panel: Panel, project: Project
) -> None:
    since = time.time()
    with edited(project.root / "frontend" / "package-lock.json", '"lockfileVersion"', '"lockfile'):
        wait_for_log(project, "package-lock.json saved: starting again", since)
        wait_for_log(project, "npm could not install what package-lock.json lists", since)
        panel.wait_until_ready()
    panel.wait_until_settled()


def test_the_hosts_node_modules_are_not_the_containers(project: Project) -> None:
    """Those of another platform would not run there."""
    foreign = project.root / "frontend" / "node_modules" / "by-a-test"
    foreign.touch()
    try:
        app = project.containers()["app"]
        assert app.exec_run(["test", "-e", "/app/frontend/node_modules/vite"]).exit_code == 0
        assert app.exec_run(["test", "-e", f"/app/frontend/node_modules/{foreign.name}"]).exit_code
    finally:
        foreign.unlink()


def test_a_changed_user_is_followed(project: Project) -> None:
    owner = project.root.stat().st_uid
    script = "touch node_modules/by-a-test && stat -c %u . node_modules node_modules/by-a-test"
    ask = ("sh", "-c", f"cd /app/frontend && {script}; rm -f node_modules/by-a-test")
    try:
        other = run_one_off(project, *ask, LOCAL_UID="4321", LOCAL_GID="4321")
        assert other.stdout.split() == [str(owner), "4321", "4321"], other.stderr
        assert (project.root / "frontend" / "node_modules").stat().st_uid == 4321
    finally:
        back = run_one_off(project, *ask)
    assert back.stdout.split() == [str(owner)] * 3
    assert (project.root / "frontend" / "node_modules").stat().st_uid == owner


def test_a_breakpoint_in_a_view_is_debugged_with_a_terminal(panel: Panel, project: Project) -> None:
    terminal = Terminal(project, "dev.attach")
    terminal.wait_for("Waiting for a breakpoint")
    view = project.root / "backend" / "config" / "health.py"
    answers: list[str] = []

    def ask() -> None:
        url = f"{project.url}/api/health/live/"
        answers.append(requests.get(url, timeout=SECONDS).json()["status"])

    since = time.time()
    stop = 'said = "as written"\n    breakpoint()\n    return JsonResponse({"status": said'
    with edited(view, 'return JsonResponse({"status": "ok"', stop):
        wait_for_log(project, "health.py saved: starting again", since)
        panel.wait_until_settled()
        asking = threading.Thread(target=ask)
        asking.start()
        terminal.wait_for("(pdb) ")
        terminal.type("p said.upper()\n")
        assert "'AS WRITTEN'" in terminal.wait_for("(pdb) ")
        terminal.type('said = "as debugged"\n')
        terminal.wait_for("(pdb) ")
        terminal.type("continue\n")
        asking.join(SECONDS)
    assert answers == ["as debugged"]
    os.kill(terminal.pid, signal.SIGINT)
    terminal.end()
    panel.wait_until_settled()


def test_psql_takes_what_is_piped_in(project: Project) -> None:
    done = inv(project, "dev.db", piped="SELECT current_database() || '-' || 6 * 7;\n")
    assert "alarm_db-42" in done.stdout, done.stderr


def test_the_backends_tests_run_inside_and_leave_nothing_behind(project: Project) -> None:
    done = inv(project, "dev.test", "-q", "-k", "transition", "tests/test_transitions.py")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    left = [p for p in project.root.rglob("*") if p.name in {".pytest_cache", ".hypothesis"}]
    assert left == []
    assert inv(project, "dev.test", "--no-such-option").returncode != 0


def test_one_program_is_restarted(panel: Panel, project: Project) -> None:
    def pids() -> dict[str, int]:
        return {
            str(p["program"]): int(p["pid"]) for p in status.programs(project.containers()["app"])
        }

    before = pids()
    done = inv(project, "dev.restart", "daphne")
    assert done.returncode == 0, done.stderr
    assert panel.get("/api/health/ready/").status_code == 200
    after = pids()
    assert {name for name in before if before[name] != after[name]} == {"daphne"}


def test_the_status_knows_each_programs_port(project: Project) -> None:
    def ports() -> dict[str, int | None]:
        return {row.name.strip(): row.port for row in status.rows(project)}

    listening = {"app": project.port, "vite": 3000, "daphne": 8000}
    wanted = {**listening, "worker": None, "dev-page": None, "db": None}
    wait_until("the ports", lambda: ports() == wanted, seconds=SECONDS)


def test_the_log_has_colours_on_a_terminal_only(project: Project) -> None:
    words = ("dev.logs", "--no-follow", "--tail", "40")
    assert "\x1b[" not in inv(project, *words).stdout
    coloured = Terminal(project, *words)
    coloured.wait_for("\x1b[36m")
    coloured.end()
    plain = Terminal(project, *words, NO_COLOR="1")
    assert "\x1b[3" not in plain.wait_for("daphne     | ")
    plain.end()
    assert b"\x1b[36m" not in project.containers()["app"].logs()


def test_the_end_of_inv_dev_leaves_no_container_and_the_next_start_installs_nothing(
    project: Project, panel: Panel
) -> None:
    try:
        for ctrl_c in (True, False):
            terminal = Terminal(project, "dev")
            terminal.wait_for("Ctrl-C stops the stack.")
            terminal.wait_for("logs --no-color")
            if ctrl_c:
                (project.root / ".env").touch()
                terminal.wait_for(".env was saved")
                terminal.type("\x03")
                terminal.end()
            else:  # a container that has just been made
                log = project.containers()["app"].logs()
                assert b"since the last install" not in log
                terminal.close()
            assert project.containers() == {}
    finally:
        up(project)
