"""The page at /__dev/ restarts processes, and works without the backend."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.support.dev_page import programs, restart
from tests.support.migrations import add_migration
from tests.support.panel import Panel

pytestmark = pytest.mark.mode("dev", "local")


@pytest.fixture
def daphne_is_down(panel: Panel, project: Project) -> Iterator[None]:
    app = project.containers()["app"]
    assert app.exec_run(["supervisorctl", "stop", "daphne"]).exit_code == 0
    yield
    app.exec_run(["supervisorctl", "start", "daphne"])


def test_a_process_is_restarted(panel: Panel) -> None:
    before = programs(panel)["worker"]
    assert restart(panel, "worker").json() == {"restarted": "worker"}
    wait_until(
        "the worker to run", lambda: programs(panel)["worker"]["state"] == "running", seconds=30
    )
    after = programs(panel)["worker"]
    assert after["pid"] != before["pid"]
    # The log from before the restart is kept.
    assert [line for line in before["log"] if line] == after["log"][: len(before["log"])]


def test_the_dev_page_restarts_itself(panel: Panel) -> None:
    before = programs(panel)["dev-page"]["pid"]
    assert restart(panel, "dev-page").status_code == 200

    def is_another() -> bool:
        return bool(programs(panel)["dev-page"]["pid"] != before)

    away = (requests.RequestException, KeyError, TypeError)
    wait_until("the dev page to answer again", is_another, seconds=30, ignoring=away)


def test_an_unknown_process_is_an_error(panel: Panel) -> None:
    answer = restart(panel, "nginx")
    assert answer.status_code == 409
    assert "There is no program nginx" in answer.json()["detail"]


@pytest.mark.mode("dev")
@pytest.mark.usefixtures("daphne_is_down")
def test_it_works_while_daphne_is_down_and_starts_it(panel: Panel) -> None:
    assert panel.get("/api/health/live/").status_code == 503
    assert panel.get("/__dev/").status_code == 200
    assert programs(panel)["daphne"]["state"] == "stopped"
    assert restart(panel, "daphne").status_code == 200
    panel.wait_until_ready()


def test_it_lists_pending_migrations(panel: Panel, project: Project) -> None:
    def pending(names: list[str]) -> bool:
        answer = panel.http.get(panel.url + "/__dev/api/migrations", timeout=60).json()
        # On a busy machine Django may still be starting; the answer is an error then.
        return bool(answer.get("pending") == names)

    wait_until("nothing to be pending", lambda: pending([]), seconds=180, every=1)
    added = add_migration(project.root / "backend")
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
