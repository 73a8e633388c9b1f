"""Promises of development only: saving a file is live, and files stay the person's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from stack.cli.runner import Runner
from stack.compose.project import Project
from stack.config.modes import LOCAL
from stack.core.polling import wait_until
from tests.smoke.hmr import hmr_socket, load_module_graph
from tests.smoke.own_stack import known_files
from tests.smoke.panel import Panel

pytestmark = pytest.mark.mode("dev", "local")


@contextmanager
def edited(file: Path, before: str, after: str) -> Iterator[None]:
    """Save `file` with one text replaced, as an editor would, and put it back afterwards."""
    original = file.read_text(encoding="utf-8")
    assert before in original, f"{file} no longer holds {before!r}"
    file.write_text(original.replace(before, after), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(original, encoding="utf-8")


def test_vites_client_is_served(panel: Panel) -> None:
    answer = panel.get("/@vite/client")
    assert answer.status_code == 200
    assert "javascript" in answer.headers["Content-Type"]


@pytest.mark.own_stack
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


@pytest.mark.own_stack
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


@pytest.mark.own_stack
def test_a_syntax_error_is_survived(
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
    # A page that is opened afterwards is told nothing of it.
    load_module_graph(panel, "/src/main.tsx", set())
    socket = hmr_socket(panel)
    component = runner.project.root / "frontend" / "src" / "shell" / "Header.tsx"
    with edited(component, "export function", "export const saved = 2;\nexport function"):
        while (message := socket.next_message(90))["type"] != "update":
            assert message["type"] != "error", message


@pytest.mark.own_stack
def test_a_socket_that_the_backend_closes_is_not_told_as_a_backend_that_is_away(
    panel: Panel, runner: Runner, capfd: pytest.CaptureFixture[str]
) -> None:
    def told() -> int:
        runner.logs("vite", tail="all", follow=False)
        return capfd.readouterr().out.count("does not answer (ECONNRESET)")

    panel.wait_until_settled()
    before = told()
    assert panel.stranger().socket().close_code() == 4401
    panel.wait_until_settled()
    assert told() == before


@pytest.mark.own_stack
def test_files_that_a_command_writes_belong_to_the_checkouts_owner(
    panel: Panel, project: Project, runner: Runner
) -> None:
    empty = ("makemigrations", "alarm", "--empty", "--name", "by_a_test")
    assert runner.in_app("python", "manage.py", *empty) == 0
    (written,) = (project.root / "backend").rglob("*_by_a_test.py")
    owner = project.root.stat()
    assert (written.stat().st_uid, written.stat().st_gid) == (owner.st_uid, owner.st_gid)
    written.unlink()
    panel.wait_until_settled()


@pytest.mark.own_stack
def test_the_checkout_holds_nothing_that_its_user_did_not_write(
    panel: Panel, project: Project
) -> None:
    expected = {".env", ".secrets"}
    owner = project.root.stat().st_uid
    foreign = [path for path in project.root.rglob("*") if path.lstat().st_uid != owner]
    assert foreign == []
    packages = project.root / "frontend" / "node_modules"
    if project.mode is LOCAL:  # they are the editor's as well
        expected |= {".local"}
    else:
        assert list(packages.iterdir()) == []
    own = [path for path in project.root.rglob("*") if not {".local"} & {*path.parts}]
    caches = [path for path in own if path.name == "__pycache__" and packages not in path.parents]
    assert caches == []
    assert expected >= set(untracked(project.root))


def untracked(root: Path) -> list[str]:
    """Names that the tests' copy has and the checkout's git does not know."""
    files = {path.relative_to(root) for path in root.rglob("*") if path.is_file()}
    files = {path for path in files if "node_modules" not in path.parts}
    return sorted({path.parts[0] for path in files - {Path(name) for name in known_files()}})
