"""A program that crashes is started again; one that cannot run ends the container."""

from __future__ import annotations

import pytest

from stack.compose import status
from stack.compose.exec import run_one_off
from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.smoke.panel import Panel
from tests.smoke.processes import kill

pytestmark = [pytest.mark.mode("prod"), pytest.mark.own_stack]


def test_a_program_that_cannot_run_ends_the_container(project: Project) -> None:
    ended = run_one_off(project, ASGI_APPLICATION="config.nothing:application")
    assert ended.returncode == 70, ended.stdout + ended.stderr
    assert "cannot run, so the container ends" in ended.stdout


@pytest.mark.parametrize("process", ["nginx: master", "daphne", "run_worker", "supervisord"])
def test_a_killed_process_comes_back(panel: Panel, project: Project, process: str) -> None:
    app = project.containers()["app"]
    kill(app, process)
    restarts = 1 if process == "supervisord" else 0

    def recovered() -> bool:
        app.reload()
        if app.attrs["RestartCount"] < restarts:
            return False  # an engine may never answer for a program in a container that ends
        programs = status.programs(app) if app.status == "running" else []
        return bool(programs) and all(program["state"] == "RUNNING" for program in programs)

    wait_until("every program to run again", recovered, seconds=60)
    panel.wait_until_ready()
    app.reload()
    assert app.attrs["RestartCount"] == restarts
