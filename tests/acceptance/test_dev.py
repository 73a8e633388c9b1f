"""Development: a saved file takes effect, and files belong to the checkout's owner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from stack.adopt.contents import tracked_files
from stack.cli.runner import Runner
from stack.compose.project import Project
from stack.config.modes import LOCAL
from stack.core.polling import wait_until
from tests.support.hmr import hmr_socket, load_module_graph
from tests.support.invoke import inv
from tests.support.panel import Panel
from tests.support.sources import edited

pytestmark = pytest.mark.mode("dev", "local")


def test_saving_a_component_sends_an_update(panel: Panel, project: Project) -> None:
    load_module_graph(panel, "/src/main.tsx", set())
    socket = hmr_socket(panel)
    component = project.root / "frontend" / "src" / "shell" / "Header.tsx"
    with edited(component, "export function", "export const savedByATest = 1;\nexport function"):
        while (message := socket.next_message(90))["type"] != "update":
            pass
        update = message["updates"][0]
        assert update["type"] == "js-update"
        module = panel.get(f"{update['path']}?t={update['timestamp']}")
    assert update["path"] == "/src/shell/Header.tsx"
    assert "savedByATest" in module.text


def test_saving_a_view_changes_the_answer_without_a_restart(panel: Panel, runner: Runner) -> None:
    def uptime() -> int:
        return next(row.uptime for row in runner.rows() if row.name == "app")

    # A program's uptime counts from supervisord's start of it.
    before = wait_until("the app's uptime", uptime, seconds=20)
    view = runner.project.root / "backend" / "config" / "health.py"

    def answer() -> object:
        try:
            return panel.get("/api/health/live/").json()["status"]
        except (requests.RequestException, KeyError, json.JSONDecodeError):
            return None

    with edited(view, '{"status": "ok", **VERSION}', '{"status": "edited", **VERSION}'):
        wait_until("the edited answer", lambda: answer() == "edited", seconds=90)
    wait_until("the answer as it was", lambda: answer() == "ok", seconds=90)
    assert uptime() >= before


def test_a_syntax_error_is_logged_and_its_correction_served(
    panel: Panel, runner: Runner, capfd: pytest.CaptureFixture[str]
) -> None:
    def said() -> str:
        runner.logs(None, tail="80", follow=False)
        return capfd.readouterr().out

    module = runner.project.root / "backend" / "alarm" / "services.py"
    with edited(module, "import datetime as dt", "import datetime as ("):
        wait_until(
            "the error in the log",
            lambda: "SyntaxError" in said(),
            seconds=90,
        )
    panel.wait_until_settled()
    # A page that is opened afterwards gets no error.
    load_module_graph(panel, "/src/main.tsx", set())
    socket = hmr_socket(panel)
    component = runner.project.root / "frontend" / "src" / "shell" / "Header.tsx"
    with edited(component, "export function", "export const saved = 2;\nexport function"):
        while (message := socket.next_message(90))["type"] != "update":
            assert message["type"] != "error", message


def test_a_socket_closed_by_the_backend_is_no_proxy_error(
    panel: Panel, runner: Runner, capfd: pytest.CaptureFixture[str]
) -> None:
    def reset_errors() -> int:
        runner.logs("vite", tail="all", follow=False)
        return capfd.readouterr().out.count("does not answer (ECONNRESET)")

    panel.wait_until_settled()
    before = reset_errors()
    assert panel.anonymous().socket().close_code() == 4401
    panel.wait_until_settled()
    assert reset_errors() == before


def test_files_of_a_command_belong_to_the_checkouts_owner(
    panel: Panel, project: Project, runner: Runner
) -> None:
    empty = ("makemigrations", "alarm", "--empty", "--name", "by_a_test")
    assert runner.in_app("python", "manage.py", *empty) == 0
    (written,) = (project.root / "backend").rglob("*_by_a_test.py")
    owner = project.root.stat()
    assert (written.stat().st_uid, written.stat().st_gid) == (owner.st_uid, owner.st_gid)
    written.unlink()
    panel.wait_until_settled()


def test_psql_reads_standard_input(panel: Panel, project: Project) -> None:
    query = "SELECT current_database() || '-' || 6 * 7;\n"
    done = inv(project, f"{project.mode.name}.db", piped=query)
    assert "alarm_db-42" in done.stdout, done.stderr


def test_the_backends_tests_leave_no_files(panel: Panel, project: Project) -> None:
    test = f"{project.mode.name}.test"
    done = inv(project, test, "-q", "-k", "transition")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    files = (project.root / "backend").rglob("*")
    assert [p for p in files if p.name in {".pytest_cache", ".hypothesis"}] == []
    assert inv(project, test, "--no-such-option").returncode != 0


def test_the_stack_leaves_no_files_in_the_checkout(panel: Panel, project: Project) -> None:
    expected = {".env", ".secrets"}
    owner = project.root.stat().st_uid
    foreign = [path for path in project.root.rglob("*") if path.lstat().st_uid != owner]
    assert foreign == []
    packages = project.root / "frontend" / "node_modules"
    if project.mode is LOCAL:  # the editor uses them, too
        expected |= {".local"}
    else:
        assert list(packages.iterdir()) == []
    own = [path for path in project.root.rglob("*") if not {".local"} & {*path.parts}]
    caches = [path for path in own if path.name == "__pycache__" and packages not in path.parents]
    assert caches == []
    assert expected >= set(untracked(project.root))


def untracked(root: Path) -> list[str]:
    """Names in the tests' copy that the checkout's git does not know."""
    files = {path.relative_to(root) for path in root.rglob("*") if path.is_file()}
    files = {path for path in files if "node_modules" not in path.parts}
    return sorted({path.parts[0] for path in files - {Path(name) for name in tracked_files()}})
