"""Group 1: processes of the app are killed hard."""

from __future__ import annotations

import pytest
from docker import DockerClient
from docker.models.containers import Container

from stack import lifecycle, status
from stack.modes import Stack
from stack.waiting import wait_until
from tests.faults import act
from tests.faults.load import Load

WITHIN = 60

PROCESSES = {
    "nginx: its master": ("nginx: master", 1),
    "nginx: one worker": ("nginx: worker", 1),
    "one Daphne": ("daphne --fd", 1),
    "all Daphnes": ("daphne --fd", 0),
    "the worker": ("run_worker", 1),
}


@pytest.mark.parametrize("name", PROCESSES)
def test_a_program_is_killed(load: Load, app: Container, name: str) -> None:
    """supervisord starts it again, and the container stays."""
    words, how_many = PROCESSES[name]
    with load.during(f"kill -9 of {name}", within=WITHIN):
        act.kill(app, words, how_many=how_many)
    wait_until("every program to run", lambda: all_run(app), seconds=WITHIN)
    app.reload()
    assert app.attrs["RestartCount"] == 0


def test_supervisord_is_killed(load: Load, app: Container) -> None:
    """The container ends, and the engine starts it again."""
    with load.during("kill -9 of supervisord", within=WITHIN):
        act.kill(app, "supervisord", how_many=1)
    app.reload()
    assert app.attrs["RestartCount"] == 1


def test_a_program_that_cannot_run_ends_the_container(stack: Stack, client: DockerClient) -> None:
    ended = lifecycle.run_one_off(stack, ASGI_APPLICATION="config.nothing:application")
    assert ended.returncode == 70, ended.stdout + ended.stderr


def all_run(app: Container) -> bool:
    programs = status.programs(app)
    return bool(programs) and all(program["state"] == "RUNNING" for program in programs)
