"""Checks and migrations before the processes start, in containers beside the stack's own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from stack.compose.exec import run_one_off
from stack.compose.project import Project
from tests.support.migrations import FAILING, add_migration

pytestmark = pytest.mark.mode("dev", "prod")

PREPARE_ONLY = ("migrate-and-exec", "true")


@pytest.fixture
def empty_database(project: Project) -> Iterator[str]:
    """The name of an empty database beside the stack's."""
    database = project.containers()["db"]
    name = "beside"
    created = database.exec_run(["createdb", "--username=alarm", name])
    assert created.exit_code == 0, created.output
    yield name
    database.exec_run(["dropdb", "--force", "--username=alarm", name])


@contextmanager
def another_migration(project: Project, operation: str) -> Iterator[None]:
    """Add a migration to the app while the block lasts."""
    migration = add_migration(project.root / "backend", operation)
    try:
        yield
    finally:
        migration.unlink()


SLOW = 'migrations.RunSQL("SELECT pg_sleep(2); CREATE TABLE made_once ()")'


@pytest.mark.mode("dev")
def test_one_of_several_containers_migrates(project: Project, empty_database: str) -> None:
    with another_migration(project, SLOW), ThreadPoolExecutor() as threads:
        starts = [
            threads.submit(run_one_off, project, *PREPARE_ONLY, POSTGRES_DB=empty_database)
            for _ in range(3)
        ]
        done = [start.result() for start in starts]
    assert [each.returncode for each in done] == [0, 0, 0], [each.stderr for each in done]
    assert sum("Applying alarm.9999_by_a_test" in each.stdout for each in done) == 1


def test_a_missing_database_is_reported_with_the_last_error(project: Project) -> None:
    done = run_one_off(
        project, *PREPARE_ONLY, POSTGRES_HOST="nowhere.invalid", DATABASE_WAIT_SECONDS="1"
    )
    assert done.returncode == 1
    assert "The database did not answer within 1 s" in done.stderr
    assert "nowhere.invalid" in done.stderr
    assert " logs db" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.mode("dev")
def test_a_migration_that_fails_stops_the_start(project: Project, empty_database: str) -> None:
    start = ("migrate-and-exec", "echo", "started")
    with another_migration(project, FAILING):
        broken = run_one_off(project, *start, POSTGRES_DB=empty_database)
    assert broken.returncode == 1
    assert "started" not in broken.stdout.splitlines()
    assert "division by zero" in broken.stderr
    assert "Traceback" not in broken.stderr
    corrected = run_one_off(project, *PREPARE_ONLY, POSTGRES_DB=empty_database)
    assert corrected.returncode == 0, corrected.stderr


@pytest.mark.mode("dev")
def test_settings_that_cannot_be_loaded_stop_the_start(project: Project) -> None:
    start = ("migrate-and-exec", "echo", "started")
    broken = run_one_off(
        project, *start, DJANGO_SETTINGS_MODULE="nowhere.settings", ASGI_APPLICATION="nowhere:app"
    )
    assert broken.returncode == 1
    assert "started" not in broken.stdout.splitlines()
    assert "The app cannot be loaded: ModuleNotFoundError: No module named" in broken.stderr
    assert "Traceback" not in broken.stderr


@pytest.mark.mode("dev")
def test_a_user_id_that_is_not_a_number_is_refused(project: Project) -> None:
    done = run_one_off(project, "true", LOCAL_UID="me")
    assert done.returncode == 1
    assert "must be numbers, not 'me'" in done.stderr


@pytest.mark.mode("prod")
@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"SECRET_KEY_FILE": "", "SECRET_KEY": ""}, "SECRET_KEY is missing"),
        ({"SECRET_KEY_FILE": "", "SECRET_KEY": "changeme"}, "SECRET_KEY is a publicly known"),
        ({"SECRET_KEY_FILE": "", "SECRET_KEY": "short-but-own"}, "SECRET_KEY has only 13"),
        ({"POSTGRES_PASSWORD_FILE": "", "POSTGRES_PASSWORD": ""}, "POSTGRES_PASSWORD is missing"),
        ({"POSTGRES_PASSWORD_FILE": "", "POSTGRES_PASSWORD": "alarm"}, "POSTGRES_PASSWORD is a"),
        ({"POSTGRES_PASSWORD_FILE": "", "POSTGRES_PASSWORD": "qwertz-9"}, "PASSWORD has only 8"),
        ({"SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY_FILE=/nowhere cannot be read"),
    ],
)
def test_production_refuses_to_start_without_good_secrets(
    project: Project, variables: dict[str, str], said: str
) -> None:
    done = run_one_off(project, *PREPARE_ONLY, seconds=120, **variables)
    assert done.returncode == 1
    assert sum(said in line for line in done.stderr.splitlines()) == 1
    assert "Traceback" not in done.stderr
