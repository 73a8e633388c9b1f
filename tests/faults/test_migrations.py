"""Group 5: an empty database, a migration that fails, a database newer than the image.

In additional app containers with databases of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from docker.models.containers import Container

from stack.compose import health, lifecycle
from stack.compose.exec import run_one_off
from stack.compose.project import Project
from stack.core.polling import wait_until
from stack.database.server import Server
from stack.images import app_image
from tests.faults import versions
from tests.faults.report import Report, Row
from tests.support.migrations import add_migration

TEMPORARY = "beside"
PREPARE = ("migrate-and-exec", "echo", "started")
HOW_MANY = 3


@pytest.fixture
def server(project: Project) -> Iterator[Server]:
    """An app with an empty database."""
    server = Server(project)
    server.create(TEMPORARY)
    yield server
    server.drop(TEMPORARY)


def tables(server: Server) -> list[str]:
    return server.ask(
        "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace"
        " WHERE nspname = 'public' AND relkind = 'r' ORDER BY 1",
        TEMPORARY,
    )


@contextmanager
def another_image(project: Project) -> Iterator[None]:
    """After the block the stack's tag names the running image again."""
    before = project.client.images.get(f"{project.name}-app")
    try:
        yield
    finally:
        app_image.tag(project.name, before, app_image.LATEST)


@contextmanager
def app_containers(project: Project) -> Iterator[list[Container]]:
    """App containers that start at the same moment."""
    options = ("--detach", "--no-deps", "--env", f"POSTGRES_DB={TEMPORARY}")

    def start(_: int) -> Container:
        started = project.capture("run", *options, "app")
        started.check_returncode()
        return project.client.containers.get(started.stdout.split()[-1])

    made: list[Container] = []
    try:
        with ThreadPoolExecutor(HOW_MANY) as threads:
            made += threads.map(start, range(HOW_MANY))
        yield made
    finally:
        for container in made:
            container.remove(force=True, v=True)


def test_three_containers_migrate_an_empty_database(
    project: Project, server: Server, report: Report
) -> None:
    def states() -> list[str]:
        for each in made:
            each.reload()
        return [health.state(each) for each in made]

    with app_containers(project) as made:
        wait_until("three healthy ones", lambda: set(states()) == {"healthy"}, seconds=180)
        logs = [each.logs().decode(errors="replace") for each in made]
        restarts = [each.attrs["RestartCount"] for each in made]
    migrated = [log for log in logs if "Applying alarm.0001_initial" in log]
    assert len(migrated) == 1
    assert restarts == [0] * HOW_MANY
    twice = "SELECT app, name FROM django_migrations GROUP BY 1, 2 HAVING count(*) > 1"
    assert server.ask(twice, TEMPORARY) == []
    report.add(Row("three containers on an empty database", notes="one migrated, all are ready"))


def test_a_migration_that_fails_half_way_is_rolled_back(
    project: Project, server: Server, report: Report
) -> None:
    """Neither its own changes nor those of earlier ones remain: the old version still fits."""
    assert run_one_off(project, *PREPARE, POSTGRES_DB=TEMPORARY).returncode == 0
    before = tables(server), server.migrations(TEMPORARY)
    half = 'migrations.RunSQL("CREATE TABLE half (); SELECT 1 / 0")'
    with versions.changed(project) as backend, another_image(project):
        add_migration(backend, 'migrations.RunSQL("CREATE TABLE whole ()")', 9100)
        add_migration(backend, half, 9101)
        lifecycle.build(lifecycle.prepare(project, tell=False))
        failed = run_one_off(project, *PREPARE, POSTGRES_DB=TEMPORARY)
    assert failed.returncode == 1
    assert "started" not in failed.stdout.splitlines()
    assert "Preparing the database failed, so nothing was started: division by zero" in (
        failed.stderr
    )
    assert "Traceback" not in failed.stderr
    assert (tables(server), server.migrations(TEMPORARY)) == before
    again = run_one_off(project, *PREPARE, POSTGRES_DB=TEMPORARY)
    assert again.returncode == 0, again.stderr
    report.add(Row("the second of two migrations fails", notes="neither is applied"))


def test_a_database_newer_than_the_image_is_refused(
    project: Project, server: Server, report: Report
) -> None:
    assert run_one_off(project, *PREPARE, POSTGRES_DB=TEMPORARY).returncode == 0
    server.ask(
        "INSERT INTO django_migrations (app, name, applied) VALUES"
        " ('alarm', '9999_newer', now()), ('an_app_that_was_removed', '0001', now())",
        TEMPORARY,
    )
    before = tables(server), server.migrations(TEMPORARY)
    refused = run_one_off(project, *PREPARE, POSTGRES_DB=TEMPORARY)
    assert refused.returncode == 1
    said = [line for line in refused.stderr.splitlines() if "prepare" in line]
    assert said[0].endswith(
        "The database is newer than this version, which does not know alarm.9999_newer."
    )
    assert len(said) == 2
    assert "started" not in refused.stdout.splitlines()
    assert (tables(server), server.migrations(TEMPORARY)) == before
    report.add(Row("a database newer than the image", notes=said[0].partition(" | ")[2]))
