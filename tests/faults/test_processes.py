"""Group 1: processes of the app are killed hard, or hang."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from docker.models.containers import Container

from stack.compose import status
from stack.compose.exec import run_one_off
from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.faults import act
from tests.faults.load import UNHEALTHY_WITHIN, Load
from tests.faults.report import Report, Row

WITHIN = 60

PROCESSES = {
    "nginx: its master": ("nginx: master", 1),
    "nginx: one worker": ("nginx: worker", 1),
    "one server": ("daphne --fd", 1),
    "all servers": ("daphne --fd", 0),
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


def test_a_program_that_cannot_run_ends_the_container(project: Project, report: Report) -> None:
    row = Row("the server cannot run", verdict="failed")
    report.add(row)
    began = time.monotonic()
    broken = "config.nothing:application"
    ended = run_one_off(project, seconds=300, ASGI_APPLICATION=broken)
    assert ended.returncode == 70, ended.stdout + ended.stderr
    row.notes = f"the container ended with status 70 after {time.monotonic() - began:.0f} s"
    row.verdict = "ok"


def all_run(app: Container) -> bool:
    programs = status.programs(app)
    return bool(programs) and all(program["state"] == "RUNNING" for program in programs)


@contextmanager
def stopped(app: Container, words: str, how_many: int) -> Iterator[None]:
    """Processes that are there and do nothing, as if they waited for a dead disk."""
    act.kill(app, words, how_many=how_many, number=signal.SIGSTOP)
    try:
        yield
    finally:
        act.kill(app, words, how_many=how_many, number=signal.SIGCONT)


def test_one_server_hangs(load: Load, app: Container) -> None:
    """Who waits for it waits a while; the other one takes whoever comes."""
    with load.during("one server hangs for 40 s", within=WITHIN) as fault:
        with stopped(app, "daphne --fd", 1):
            fault.last(40)
        fault.over()
    assert load.row.longest_gap is not None
    assert load.row.longest_gap < 40


def test_the_worker_hangs(load: Load, app: Container) -> None:
    """No delay would end: nobody else notices, so the health check has to."""
    with load.during("the worker hangs for 20 s", within=WITHIN) as fault:
        with stopped(app, "run_worker", 1):
            fault.last(20)
        fault.over()
    assert load.row.unhealthy_after is not None
    assert load.row.unhealthy_after <= UNHEALTHY_WITHIN
