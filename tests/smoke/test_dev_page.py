"""Promises of the page at /__dev/: there when the backend is not, and alone allowed to restart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.smoke.panel import Panel

pytestmark = pytest.mark.mode("dev", "local")

PROGRAMS = "/__dev/api/programs"


def programs(panel: Panel) -> dict[str, dict[str, Any]]:
    return {state["process"]: state for state in panel.get(PROGRAMS).json()}


def restart(panel: Panel, program: str, **headers: str) -> requests.Response:
    """As the page itself asks for it, unless `headers` say otherwise."""
    own = {"Origin": panel.url, "X-Dev-Page": "restart"}
    return panel.http.post(
        f"{panel.url}{PROGRAMS}/{program}/restart", headers=own | headers, timeout=60
    )


@pytest.fixture
def daphne_is_down(panel: Panel, project: Project) -> Iterator[None]:
    app = project.containers()["app"]
    assert app.exec_run(["supervisorctl", "stop", "daphne"]).exit_code == 0
    yield
    app.exec_run(["supervisorctl", "start", "daphne"])


def test_the_page_is_whole_and_needs_nothing_from_elsewhere(panel: Panel) -> None:
    page = panel.get("/__dev")
    assert page.url == f"{panel.url}/__dev/"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none';")
    parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    parts += re.findall(r"from '\./([^']+)'", panel.get("/__dev/page.js").text)
    files = {part for part in parts if part != "data:,"}
    assert files == {"page.css", "page.js", "probes.js"}
    for file in files:
        answer = panel.get(f"/__dev/{file}")
        assert answer.status_code == 200
        assert not re.search(r"https?://", answer.text)
        assert answer.headers["Cache-Control"] == "no-store"


def test_it_tells_each_programs_state_and_its_last_lines(panel: Panel) -> None:
    found = programs(panel)
    assert {"daphne", "vite", "worker", "dev-page"} <= found.keys()
    wait_until(
        "every program to run",
        lambda: {p["state"] for p in programs(panel).values()} == {"running"},
        seconds=30,
    )
    assert any("VITE" in line for line in found["vite"]["log"])


def test_it_tells_what_a_link_or_probe_leads_to(panel: Panel) -> None:
    app = panel.get("/__dev/app.json").json()
    assert panel.get(app["http"]).status_code == 200
    assert app["front"] in programs(panel)
    panel.socket(path=app["websocket"]).connection.close()


@pytest.mark.own_stack
def test_a_program_is_restarted(panel: Panel) -> None:
    before = programs(panel)["worker"]
    assert restart(panel, "worker").json() == {"restarted": "worker"}
    wait_until(
        "the worker to run", lambda: programs(panel)["worker"]["state"] == "running", seconds=30
    )
    after = programs(panel)["worker"]
    assert after["pid"] != before["pid"]
    # What it had said before is not lost.
    assert [line for line in before["log"] if line] == after["log"][: len(before["log"])]


@pytest.mark.own_stack
def test_it_restarts_itself_too(panel: Panel) -> None:
    before = programs(panel)["dev-page"]["pid"]
    assert restart(panel, "dev-page").status_code == 200

    def is_another() -> bool:
        return bool(programs(panel)["dev-page"]["pid"] != before)

    away = (requests.RequestException, KeyError, TypeError)
    wait_until("the page's program to be back", is_another, seconds=30, ignoring=away)


@pytest.mark.own_stack
def test_a_program_that_does_not_exist_is_named(panel: Panel) -> None:
    answer = restart(panel, "nginx")
    assert answer.status_code == 409
    assert "There is no program nginx" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"X-Dev-Page": ""},
        {"Host": "elsewhere.example", "Origin": "http://elsewhere.example"},
    ],
    ids=["foreign origin", "no page's", "no origin", "a plain form", "rebound name"],
)
def test_nobody_else_restarts_a_program(panel: Panel, headers: dict[str, str]) -> None:
    before = programs(panel)["worker"]["pid"]
    assert restart(panel, "worker", **headers).status_code == 403
    assert programs(panel)["worker"]["pid"] == before


def test_no_other_site_may_read_it(panel: Panel) -> None:
    answer = panel.get(PROGRAMS, headers={"Origin": "http://elsewhere.example"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert panel.get(PROGRAMS, headers={"Host": "elsewhere.example"}).status_code == 403


@pytest.mark.mode("dev")
@pytest.mark.own_stack
@pytest.mark.usefixtures("daphne_is_down")
def test_it_works_while_daphne_is_down_and_starts_it(panel: Panel) -> None:
    assert panel.get("/api/health/live/").status_code == 503
    assert panel.get("/__dev/").status_code == 200
    assert programs(panel)["daphne"]["state"] == "stopped"
    assert restart(panel, "daphne").status_code == 200
    panel.wait_until_ready()


@pytest.mark.own_stack
def test_it_tells_which_migrations_are_pending(panel: Panel, project: Project) -> None:
    folder = project.root / "backend" / "alarm" / "migrations"
    last = max(path.stem for path in folder.glob("0*.py"))
    added = folder / "9999_by_a_test.py"

    def pending(names: list[str]) -> bool:
        answer = panel.http.get(panel.url + "/__dev/api/migrations", timeout=60).json()
        # Django may still be starting on a busy machine: an error is an answer for a person.
        return bool(answer.get("pending") == names)

    wait_until("nothing to be pending", lambda: pending([]), seconds=180, every=1)
    added.write_text(
        "from django.db import migrations\n\n\n"
        "class Migration(migrations.Migration):\n"
        f'    dependencies = [("alarm", "{last}")]\n',
        encoding="utf-8",
    )
    try:
        wait_until(
            "the new migration to be pending",
            lambda: pending(["alarm.9999_by_a_test"]),
            seconds=180,
            every=1,
        )
    finally:
        added.unlink()
    panel.wait_until_settled()
