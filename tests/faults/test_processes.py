"""Group 1: processes of the app are killed hard, or hang."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from docker.models.containers import Container

from stack.compose import status
from stack.core.polling import wait_until
from tests.faults import inject
from tests.faults.load import UNHEALTHY_WITHIN, Load

WITHIN = 60

PROCESSES = {
    "nginx: its master": ("nginx: master", 1),
    "nginx: one worker": ("nginx: worker", 1),
    "one server": ("daphne --fd", 1),
    "all servers": ("daphne --fd", 0),
    "the worker": ("run_worker", 1),
}


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_is_killed(load: Load, app: Container, name: str) -> None:
    """supervisord starts it again, and the container stays."""
    words, how_many = PROCESSES[name]
    with load.during(f"kill -9 of {name}", within=WITHIN):
        inject.kill(app, words, how_many=how_many)
    wait_until("every process to run", lambda: all_run(app), seconds=WITHIN)
    app.reload()
    assert app.attrs["RestartCount"] == 0


def test_supervisord_is_killed(load: Load, app: Container) -> None:
    """The container ends, and the engine starts it again."""
    with load.during("kill -9 of supervisord", within=WITHIN):
        inject.kill(app, "supervisord", how_many=1)
    app.reload()
    assert app.attrs["RestartCount"] == 1


def all_run(app: Container) -> bool:
    programs = status.programs(app)
    return bool(programs) and all(program["state"] == "RUNNING" for program in programs)


@contextmanager
def stopped(app: Container, words: str, how_many: int) -> Iterator[None]:
    """Stop processes while the block lasts, as if they waited for a dead disk."""
    inject.kill(app, words, how_many=how_many, number=signal.SIGSTOP)
    try:
        yield
    finally:
        inject.kill(app, words, how_many=how_many, number=signal.SIGCONT)


def test_one_server_hangs(load: Load, app: Container) -> None:
    """Its clients wait until a timeout; the other server takes new connections."""
    with load.during("one server hangs for 40 s", within=WITHIN) as fault:
        with stopped(app, "daphne --fd", 1):
            fault.last(40)
        fault.over()
    assert load.row.longest_gap is not None
    assert load.row.longest_gap < 40


def test_the_worker_hangs(load: Load, app: Container) -> None:
    """No delay of the alarm would end. Only the health check can notice."""
    with load.during("the worker hangs for 20 s", within=WITHIN) as fault:
        with stopped(app, "run_worker", 1):
            fault.last(20)
        fault.over()
    assert load.row.unhealthy_after is not None
    assert load.row.unhealthy_after <= UNHEALTHY_WITHIN
