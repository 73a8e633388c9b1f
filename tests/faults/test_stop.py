"""Group 3: a stop closes sockets with a code and finishes accepted requests."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from docker.models.containers import Container

from stack.cli.runner import Runner
from stack.compose.project import Project
from stack.core.polling import wait_until
from stack.database.server import DATABASE, Server
from tests.faults import inject
from tests.faults.clients import Browser
from tests.faults.load import Fault, Load
from tests.faults.traced_clients import TracedClient, TracedReader, TracedWriter

WITHIN = 60
IN_FLIGHT = 2.0
"""Seconds for which a report waits for the database when the stop begins."""

WAITS = "SELECT 1 FROM pg_locks WHERE relation = 'alarm_report'::regclass AND NOT granted"


@contextmanager
def traced_clients(load: Load) -> Iterator[list[TracedClient]]:
    """Three readers and two writers, all served before the block."""
    clients: list[TracedClient] = [
        *(TracedReader(load.panel, path, "traced") for path in ("/", "/api/health/live/")),
        TracedReader(load.panel, "/api/alarm/state/", "traced"),
        *(TracedWriter(load.panel, pk, token, "traced") for pk, token in load.sensors),
    ]
    for client in clients:
        client.start()
    try:
        wait_until("answers", lambda: all(c.observed.is_served for c in clients), seconds=30)
        yield clients
    finally:
        for client in clients:
            client.stop()
        for client in clients:
            client.join(30)


def ended_by_itself(app: Container) -> bool:
    """Whether it stopped without SIGKILL."""
    app.reload()
    return app.status == "exited" and app.attrs["State"]["ExitCode"] in (0, 143)


def close_codes(fault: Fault) -> set[str]:
    """The first close code of each browser's socket since the fault began."""
    lost = (
        next((a.what for a in client.observed.failures() if a.at >= fault.began_at), "not at all")
        for client in fault.clients
        if isinstance(client, Browser)
    )
    return set(lost)


def test_sigterm_answers_every_accepted_request(
    load: Load, project: Project, app: Container, db: Container
) -> None:
    """A request that waits for the database is answered, too, before the container stops."""
    server = Server(project)
    with load.during("SIGTERM under load", within=WITHIN) as fault:
        with traced_clients(load) as traced:
            lock = "LOCK TABLE alarm_report IN ACCESS EXCLUSIVE MODE"
            with inject.open_transaction(db, lock, seconds=IN_FLIGHT):
                wait_until("a report in flight", lambda: server.ask(WAITS, DATABASE), seconds=20)
                began = time.monotonic()
                app.stop()
                seconds = time.monotonic() - began
        stopped_itself = ended_by_itself(app)
        unanswered = [line for each in traced for line in each.unanswered(app)]
        asked = sum(len(each.answered) for each in traced)
        fault.note(f"stopped in {seconds:.1f} s; {asked} answered, {len(unanswered)} not")
        codes = close_codes(fault)
        app.start()
        fault.over()
    assert unanswered == []
    assert {a.what for each in traced for a in each.observed.answers} <= GOOD | NO_LONGER_ACCEPTED
    assert codes == {"closed 4012"}
    assert stopped_itself


GOOD = {"200", "202", "409"}
NO_LONGER_ACCEPTED = {"refused", "cut"}


def test_prod_down_and_the_next_start(load: Load, runner: Runner) -> None:
    with load.during("inv prod.down, inv prod", within=WITHIN) as fault:
        began = time.monotonic()
        runner.down()
        fault.note(f"down in {time.monotonic() - began:.1f} s, database and all")
        codes = close_codes(fault)
        runner.up()
        fault.over()
    assert codes == {"closed 4012"}


@pytest.mark.parametrize("program", ["daphne", "nginx"])
def test_a_process_is_restarted(load: Load, runner: Runner, program: str) -> None:
    """The other Daphne process serves meanwhile, so no request is refused."""
    with load.during(f"inv prod.restart {program}", within=WITHIN) as fault:
        runner.restart(program)
        fault.over()
        wait_until("sockets to reconnect", lambda: None not in last(fault), seconds=WITHIN)
    assert close_codes(fault) <= {"closed 4012", "not at all"}
    requests = {k: set(v) for k, v in load.row.answers.items() if k != "sockets"}
    if program == "daphne":
        assert all(answers <= GOOD for answers in requests.values()), requests
    assert "closed 4012" in load.row.answers["sockets"]


def last(fault: Fault) -> list[str | None]:
    return [c.observed.answers[-1].what if c.observed.is_served else None for c in fault.clients]
