"""supervisord restarts a process that crashes; one that cannot run stops the container."""

from __future__ import annotations

import pytest

from stack.compose import status
from stack.compose.exec import run_one_off
from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.support.panel import Panel
from tests.support.processes import kill

pytestmark = pytest.mark.mode("prod")


def test_a_process_that_cannot_run_stops_the_container(project: Project) -> None:
    ended = run_one_off(project, ASGI_APPLICATION="config.nothing:application")
    assert ended.returncode == 70, ended.stdout + ended.stderr
    assert "cannot run, so the container ends" in ended.stdout


@pytest.mark.parametrize("process", ["nginx: master", "daphne", "run_worker", "supervisord"])
def test_a_killed_process_is_restarted(panel: Panel, project: Project, process: str) -> None:
    app = project.containers()["app"]
    kill(app, process)
    restarts = 1 if process == "supervisord" else 0

    def recovered() -> bool:
        app.reload()
        if app.attrs["RestartCount"] < restarts:
            return False  # an engine may never answer a command in a container that is stopping
        programs = status.programs(app) if app.status == "running" else []
        return bool(programs) and all(program["state"] == "RUNNING" for program in programs)

    wait_until("every process to run again", recovered, seconds=60)
    panel.wait_until_ready()
    app.reload()
    assert app.attrs["RestartCount"] == restarts
