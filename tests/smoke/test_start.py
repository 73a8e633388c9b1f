"""What happens before the programs start, in containers beside the stack's own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from stack.compose.exec import run_one_off
from stack.compose.project import Project

pytestmark = [pytest.mark.own_stack, pytest.mark.mode("dev", "prod")]

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
    """The app with one migration more, while the block lasts."""
    folder = project.root / "backend" / "alarm" / "migrations"
    last = max(path.stem for path in folder.glob("0*.py"))
    migration = folder / "9999_by_a_test.py"
    migration.write_text(MIGRATION.format(last=last, operation=operation), encoding="utf-8")
    try:
        yield
    finally:
        migration.unlink()


MIGRATION = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("alarm", "{last}")]
    operations = [{operation}]
"""

SLOW = 'migrations.RunSQL("SELECT pg_sleep(2); CREATE TABLE made_once ()")'
FAILING = "migrations.RunPython(lambda apps, schema_editor: 1 / 0)"


@pytest.mark.mode("dev")
def test_of_containers_that_start_at_once_one_migrates(
    project: Project, empty_database: str
) -> None:
    with another_migration(project, SLOW), ThreadPoolExecutor() as threads:
        starts = [
            threads.submit(run_one_off, project, *PREPARE_ONLY, POSTGRES_DB=empty_database)
            for _ in range(3)
        ]
        done = [start.result() for start in starts]
    assert [each.returncode for each in done] == [0, 0, 0], [each.stderr for each in done]
    assert sum("Applying alarm.9999_by_a_test" in each.stdout for each in done) == 1


def test_a_database_that_never_comes_is_said_with_the_last_error(project: Project) -> None:
    nowhere = {"POSTGRES_HOST": "nowhere.invalid", "DATABASE_WAIT_SECONDS": "1"}
    done = run_one_off(project, *PREPARE_ONLY, **nowhere)
    assert done.returncode == 1
    assert "The database did not answer within 1 s" in done.stderr
    assert "nowhere.invalid" in done.stderr
    assert " logs db" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.mode("dev")
def test_a_migration_that_fails_is_said_and_nothing_starts(
    project: Project, empty_database: str
) -> None:
    start = ("migrate-and-exec", "echo", "started")
    with another_migration(project, FAILING):
        broken = run_one_off(project, *start, POSTGRES_DB=empty_database)
    assert broken.returncode == 1
    assert "started" not in broken.stdout.splitlines()
    assert "division by zero" in broken.stderr
    assert "Traceback" not in broken.stderr
    mended = run_one_off(project, *PREPARE_ONLY, POSTGRES_DB=empty_database)
    assert mended.returncode == 0, mended.stderr


@pytest.mark.mode("dev")
def test_a_user_id_that_is_no_number_is_refused(project: Project) -> None:
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
    done = run_one_off(project, *PREPARE_ONLY, **variables)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("prepare")]
    assert said in line
    assert "Traceback" not in done.stderr
