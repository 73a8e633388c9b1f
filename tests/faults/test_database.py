"""Group 2: the database is stopped, killed, frozen, slow, full of clients, or out of reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from docker import DockerClient
from docker.models.containers import Container

from stack.compose.project import Project
from stack.database.server import DATABASE, Server
from tests.faults import inject
from tests.faults.link import Link, between
from tests.faults.load import UNHEALTHY_WITHIN, Load
from tests.support.panel import Panel

WITHIN = 60

LOCK = "SELECT FROM alarm_alarm FOR UPDATE"
"""Locks the row that every change of the alarm needs."""

HALF_DONE = (
    f"{LOCK}; INSERT INTO alarm_event (at, cause, detail, kind, from_state, to_state,"
    " person_name, sensor_name, source)"
    " VALUES (now(), 'api', 'half done', 'sensor', '', '', '', '', 'fault')"
)


@pytest.fixture
def server(project: Project) -> Server:
    return Server(project)


@pytest.fixture
def unbroken(app: Container) -> Iterator[None]:
    """Check that the fault neither restarted nor replaced the app's container."""
    app.reload()
    started = app.attrs["State"]["StartedAt"]
    yield
    app.reload()
    assert app.attrs["State"]["StartedAt"] == started


pytestmark = pytest.mark.usefixtures("unbroken")


def test_the_database_is_stopped_for_30_s(load: Load, db: Container) -> None:
    with load.during("database stopped for 30 s", within=WITHIN) as fault:
        db.stop()
        fault.last(30)
        db.start()
        fault.over()
    assert set(load.row.answers["page"]) == {"200"}, "the page needs no database"
    assert set(load.row.answers["live"]) == {"200"}, "nor does liveness"
    assert "503" in load.row.answers["api"]
    assert load.row.unhealthy_after is not None
    assert load.row.unhealthy_after <= UNHEALTHY_WITHIN


def test_the_database_is_killed_in_the_middle_of_a_transaction(
    load: Load, client: DockerClient, db: Container, server: Server
) -> None:
    with (
        load.during("database kill -9, a transaction open", within=WITHIN) as fault,
        inject.open_transaction(db, HALF_DONE),
    ):
        fault.last(1)  # the sensors' reports wait for the lock now
        inject.kill_container(client, db)
    assert half_done(server) == 0
    db.reload()
    assert db.attrs["RestartCount"] == 1, "the engine starts it again"


def half_done(server: Server) -> int:
    return int(server.ask("SELECT count(*) FROM alarm_event WHERE source = 'fault'", DATABASE)[0])


def test_one_process_of_the_database_is_killed(load: Load, db: Container, server: Server) -> None:
    """As when memory runs out: the server then restarts all its processes."""
    with load.during("kill -9 of one database process", within=WITHIN):
        pid, *_ = server.ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'alarm'")
        killed = db.exec_run(["bash", "-c", f"kill -9 {pid}"], user="postgres")
        assert killed.exit_code == 0, killed


def test_the_database_is_restarted(load: Load, db: Container) -> None:
    with load.during("database restarted", within=WITHIN):
        db.restart()


def test_the_database_is_frozen(load: Load, db: Container) -> None:
    """Connections stay open and no query is answered, as with a dead disk."""
    with load.during("database frozen for 25 s", within=WITHIN) as fault:
        db.pause()
        try:
            fault.last(25)
        finally:
            db.unpause()
        fault.over()
    assert set(load.row.answers["page"]) == set(load.row.answers["live"]) == {"200"}
    assert load.row.unhealthy_after is not None
    assert load.row.unhealthy_after <= UNHEALTHY_WITHIN


def test_a_transaction_stays_open_and_holds_the_lock(load: Load, db: Container) -> None:
    """Reads continue. Writes are refused with a request to retry, and work once it ends."""
    with load.during("a transaction holds the alarm's row for 20 s", within=WITHIN) as fault:
        with inject.open_transaction(db, LOCK):
            fault.last(20)
        fault.over()
    for kind in ("page", "api", "live", "ready"):
        assert set(load.row.answers[kind]) == {"200"}, kind
    assert set(load.row.answers["writes"]) <= {"202", "409", "503"}


def test_the_database_has_no_free_connection(load: Load, app: Container) -> None:
    """Another client takes every connection, and the app's own are closed."""
    with load.during("database out of connections for 20 s", within=WITHIN) as fault:
        with inject.connections_taken(app):
            fault.last(20)
        fault.over()
    assert set(load.row.answers["page"]) == set(load.row.answers["live"]) == {"200"}


@pytest.fixture
def link(project: Project, panel: Panel) -> Iterator[Link]:
    """A proxy between the app and its database that can delay."""
    with between(project) as link:
        panel.wait_until_ready()
        yield link
    panel.wait_until_ready()


def test_the_network_to_the_database_is_slow(load: Load, link: Link) -> None:
    with load.during("network to the database: + 200 ms each way, 20 s", within=WITHIN) as fault:
        link.delay(0.2)
        fault.last(20)
        link.delay(0)
        fault.over()
    for kind in ("page", "live"):
        assert set(load.row.answers[kind]) == {"200"}, kind
    assert load.row.slowest is not None
    assert load.row.slowest > 0.4, "it was not felt"


def test_the_network_to_the_database_is_down(load: Load, project: Project) -> None:
    """Packets are lost, and no connection is reset."""
    with load.during("network to the database gone for 30 s", within=WITHIN) as fault:
        with inject.without_network(project.client, project.containers()["db"]):
            fault.last(30)
        fault.over()
    assert set(load.row.answers["page"]) == set(load.row.answers["live"]) == {"200"}
    assert load.row.unhealthy_after is not None
    assert load.row.unhealthy_after <= UNHEALTHY_WITHIN
