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


@pytest.mark.parametrize("name", ["gunicorn", "uvicorn daphne", "../nginx", ""])
def test_a_server_that_is_none_is_told_and_nothing_starts(project: Project, name: str) -> None:
    ended = run_one_off(project, ASGI_SERVER=name)
    assert ended.returncode == 1
    lines = (ended.stdout + ended.stderr).splitlines()[-2:]
    assert lines == [
        f"ASGI_SERVER is '{name}', which is no server that the panel can run on.",
        "Write ASGI_SERVER=daphne or ASGI_SERVER=uvicorn into .env, then: inv prod",
    ]
    assert "prepare" not in ended.stdout


@pytest.mark.parametrize("process", ["nginx: master", "server", "run_worker", "supervisord"])
def test_a_killed_process_comes_back(
    panel: Panel, project: Project, asgi_server: str, process: str
) -> None:
    app = project.containers()["app"]
    kill(app, asgi_server if process == "server" else process)
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
