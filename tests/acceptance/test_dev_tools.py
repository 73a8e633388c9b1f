"""The verbs of `inv dev`, its start and its end, through the real command."""

from __future__ import annotations

import os
import pty
import select
import signal
import threading
import time

import pytest
import requests

from stack.compose import address, status
from stack.compose.exec import run_one_off
from stack.compose.project import Project
from stack.core.polling import wait_until
from stack.deploy.up import up
from tests.support.hmr import hmr_socket, load_module_graph
from tests.support.invoke import INV, environment, inv, refusal
from tests.support.panel import Panel
from tests.support.sources import edited

pytestmark = pytest.mark.mode("dev")

SECONDS = 90  # a limit for a loaded machine


class Terminal:
    """`inv` with a terminal of its own."""

    def __init__(self, project: Project, *words: str, **variables: str) -> None:
        self.pid, self.handle = pty.fork()
        if self.pid == 0:
            os.chdir(project.root)
            argv = [*INV, *words]
            os.execvpe(argv[0], argv, environment(project, TERM="xterm", **variables))
        self.said = ""

    def wait_for(self, text: str) -> str:
        """Read up to a text; return what was read and drop it from the buffer."""
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
        """Close the terminal and wait until the command ends."""
        os.close(self.handle)
        wait_until("its end", lambda: os.waitpid(self.pid, os.WNOHANG)[0], seconds=SECONDS)

    def end(self) -> int:
        """Read until the command ends; return its exit status."""
        while True:
            try:
                if not os.read(self.handle, 65536):
                    break
            except OSError:  # Linux reports a closed terminal like this
                break
        os.close(self.handle)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def wait_for_log(project: Project, text: str, since: float) -> str:
    """The first line of the app's log since a moment that holds a text."""

    def line() -> str | None:
        app = project.containers()["app"]
        log = app.logs(since=int(since)).decode(errors="replace")
        return next((line for line in log.splitlines() if text in line), None)

    return wait_until(f"{text!r} in the log", line, seconds=SECONDS) or ""


def test_a_python_error_is_shown_in_the_browser_until_it_is_corrected(
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


def test_a_new_migration_is_logged_and_applied_without_a_restart(
    panel: Panel, project: Project
) -> None:
    started = project.containers()["app"].attrs["State"]["StartedAt"]
    since = time.time()
    made = inv(project, "dev.manage", "makemigrations", "alarm", "--empty", "--name", "by_a_test")
    assert made.returncode == 0, made.stderr
    (written,) = (project.root / "backend").rglob("*_by_a_test.py")
    try:
        line = wait_for_log(project, "New migration", since)
        assert f"{written.name}. Apply it: inv dev.migrate" in line
        assert "by_a_test" in inv(project, "dev.migrate").stdout
        previous = sorted(written.parent.glob("0*.py"))[-2].stem
        back = inv(project, "dev.manage", "migrate", "alarm", previous)
        assert back.returncode == 0, back.stderr
    finally:
        written.unlink()
    panel.wait_until_settled()
    assert project.containers()["app"].attrs["State"]["StartedAt"] == started


def test_new_requirements_are_installed_and_logged_at_run_time(
    panel: Panel, project: Project
) -> None:
    since = time.time()
    file = project.root / "backend" / "requirements-dev.txt"
    with edited(file, "\ndjango==", "\n# a line that changes the hash alone\ndjango=="):
        wait_for_log(project, "requirements-dev.txt changed since the last install", since)
        wait_for_log(project, "requirements-dev.txt: installed", since)
    panel.wait_until_settled()


def test_a_broken_package_json_is_logged_and_vite_restarts_after_it(
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


def test_a_lock_file_that_npm_refuses_is_logged_and_vite_keeps_running(
    panel: Panel, project: Project
) -> None:
    since = time.time()
    with edited(project.root / "frontend" / "package-lock.json", '"lockfileVersion"', '"lockfile'):
        wait_for_log(project, "package-lock.json saved: starting again", since)
        wait_for_log(project, "npm could not install what package-lock.json lists", since)
        panel.wait_until_ready()
        restored = time.time()
    # Until Vite has seen the restored file, the panel answers, and then it is away for a moment.
    wait_for_log(project, "package-lock.json saved: starting again", restored)
    wait_for_log(project, "ready in", restored)
    panel.wait_until_settled()


def test_the_container_does_not_use_the_hosts_node_modules(project: Project) -> None:
    """The host may be another platform, whose modules do not run in the container."""
    foreign = project.root / "frontend" / "node_modules" / "by-a-test"
    foreign.touch()
    try:
        app = project.containers()["app"]
        assert app.exec_run(["test", "-e", "/app/frontend/node_modules/vite"]).exit_code == 0
        assert app.exec_run(["test", "-e", f"/app/frontend/node_modules/{foreign.name}"]).exit_code
    finally:
        foreign.unlink()


def test_a_changed_user_takes_over_the_files(panel: Panel, project: Project) -> None:
    owner = project.root.stat().st_uid
    app = project.containers()["app"]
    script = "touch node_modules/by-a-test && stat -c %u . node_modules node_modules/by-a-test"
    ask = ("sh", "-c", f"cd /app/frontend && {script}; rm -f node_modules/by-a-test")
    app.stop()  # else its Vite writes into a folder that is no longer its user's, and ends
    try:
        other = run_one_off(project, *ask, LOCAL_UID="4321", LOCAL_GID="4321")
        assert other.stdout.split() == [str(owner), "4321", "4321"], other.stderr
        assert (project.root / "frontend" / "node_modules").stat().st_uid == 4321
    finally:
        back = run_one_off(project, *ask)
        app.start()
    panel.wait_until_settled()
    assert back.stdout.split() == [str(owner)] * 3
    assert (project.root / "frontend" / "node_modules").stat().st_uid == owner


def test_a_breakpoint_in_a_view_is_debugged_with_a_terminal(panel: Panel, project: Project) -> None:
    terminal = Terminal(project, "dev.attach")
    terminal.wait_for("Waiting for a breakpoint")
    view = project.root / "backend" / "config" / "health.py"
    answers: list[str] = []

    def answer() -> str | None:
        """The view's, once it has been edited; there is none while its process restarts."""
        url = f"{address.of(project).url}/api/health/live/"
        status = requests.get(url, timeout=SECONDS).json().get("status")
        return None if status == "ok" else status

    def ask() -> None:
        lost = (requests.RequestException,)
        found = wait_until("the edited view", answer, seconds=SECONDS, ignoring=lost)
        answers.append(found or "")

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


def test_one_process_is_restarted(panel: Panel, project: Project) -> None:
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


def test_a_program_that_there_is_none_of_is_an_error(project: Project) -> None:
    said = refusal(inv(project, "dev.restart", "apache"))
    assert "There is no program apache in the dev stack." in said
    assert "vite" in said


def test_the_status_shows_each_port(project: Project) -> None:
    def ports() -> dict[str, int | None]:
        return {row.name.strip(): row.port for row in status.rows(project)}

    listening = {"app": project.port, "vite": 3000, "daphne": 8000}
    wanted = {**listening, "worker": None, "dev-page": None, "db": None}
    wait_until("the ports", lambda: ports() == wanted, seconds=SECONDS)


def test_the_log_has_colours_on_a_terminal_only(project: Project) -> None:
    words = ("dev.logs", "--no-follow", "--tail", "200")
    assert "\x1b[" not in inv(project, *words).stdout
    coloured = Terminal(project, *words)
    coloured.wait_for("\x1b[36m")
    coloured.end()
    plain = Terminal(project, *words, NO_COLOR="1")
    assert "\x1b[3" not in plain.wait_for("daphne     | ")
    plain.end()
    assert b"\x1b[36m" not in project.containers()["app"].logs()


def test_inv_dev_leaves_no_container_and_starts_again_without_installing(
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
            else:  # the container is new
                log = project.containers()["app"].logs()
                assert b"since the last install" not in log
                terminal.close()
            assert project.containers() == {}
    finally:
        up(project)
