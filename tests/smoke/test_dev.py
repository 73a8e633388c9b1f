"""Promises of development only: saving a file is live, and files stay the person's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from docker import DockerClient

from stack import lifecycle
from stack.modes import Stack
from stack.waiting import wait_until
from tests.smoke.hmr import hmr_socket, load_module_graph
from tests.smoke.own_stack import known_files
from tests.smoke.panel import Panel

pytestmark = pytest.mark.mode("dev")


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
def test_saving_a_component_sends_an_update(panel: Panel, stack: Stack) -> None:
    load_module_graph(panel, "/src/main.tsx", set())
    socket = hmr_socket(panel)
    component = stack.root / "frontend" / "src" / "components" / "Header.tsx"
    with edited(component, "export function", "export const savedByATest = 1;\nexport function"):
        while (message := socket.next_message(20))["type"] != "update":
            pass
        update = message["updates"][0]
        assert update["type"] == "js-update"
        module = panel.get(f"{update['path']}?t={update['timestamp']}")
    assert update["path"] == "/src/components/Header.tsx"
    assert "savedByATest" in module.text


@pytest.mark.own_stack
def test_saving_a_view_changes_the_answer_without_a_restart_of_the_container(
    panel: Panel, stack: Stack, client: DockerClient
) -> None:
    started = lifecycle.containers(stack, client)["app"].attrs["State"]["StartedAt"]
    view = stack.root / "backend" / "config" / "health.py"

    def answer() -> object:
        try:
            return panel.get("/api/health/live/").json()["status"]
        except (requests.RequestException, KeyError, json.JSONDecodeError):
            return None

    with edited(view, '{"status": "ok", **VERSION}', '{"status": "edited", **VERSION}'):
        wait_until("the edited answer", lambda: answer() == "edited", seconds=20)
    wait_until("the answer as it was", lambda: answer() == "ok", seconds=20)
    assert lifecycle.containers(stack, client)["app"].attrs["State"]["StartedAt"] == started


@pytest.mark.own_stack
def test_a_syntax_error_is_survived(panel: Panel, stack: Stack, client: DockerClient) -> None:
    view = stack.root / "backend" / "alarm" / "views.py"
    with edited(view, "from rest_framework import serializers", "from rest_framework import ("):
        wait_until(
            "the error in the log",
            lambda: b"SyntaxError" in lifecycle.containers(stack, client)["app"].logs(tail=80),
            seconds=20,
        )
    panel.wait_until_ready()


@pytest.mark.own_stack
def test_files_written_by_the_container_belong_to_the_hosts_user(
    panel: Panel, stack: Stack, client: DockerClient
) -> None:
    empty = ("makemigrations", "alarm", "--empty", "--name", "by_a_test")
    assert lifecycle.in_app(stack, client, "python", "manage.py", *empty) == 0
    (written,) = (stack.root / "backend").rglob("*_by_a_test.py")
    owner = stack.root.stat()
    assert (written.stat().st_uid, written.stat().st_gid) == (owner.st_uid, owner.st_gid)
    written.unlink()


@pytest.mark.own_stack
def test_the_checkout_holds_nothing_that_its_user_did_not_write(panel: Panel, stack: Stack) -> None:
    expected = {".env", ".secrets", "node_modules"}
    owner = stack.root.stat().st_uid
    foreign = [path for path in stack.root.rglob("*") if path.lstat().st_uid != owner]
    assert foreign == []
    caches = [path for path in stack.root.rglob("*") if path.name == "__pycache__"]
    assert caches == []
    assert list((stack.root / "frontend" / "node_modules").iterdir()) == []
    assert expected >= set(untracked(stack.root))


def untracked(root: Path) -> list[str]:
    """Names that the tests' copy has and the checkout's git does not know."""
    files = {path.relative_to(root) for path in root.rglob("*") if path.is_file()}
    return sorted({path.parts[0] for path in files - {Path(name) for name in known_files()}})
