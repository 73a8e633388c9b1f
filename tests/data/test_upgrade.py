"""An upgrade ends with the new version verified, or with the old one and its data as before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from stack.backup import store
from stack.compose.project import Project
from stack.core.console import Failure
from stack.database.server import DATABASE, Server
from stack.deploy.upgrade import upgrade
from tests.data.conftest import State
from tests.data.rows import fingerprint

MIGRATION = """
from django.db import migrations

class Migration(migrations.Migration):
    dependencies = [("alarm", "{after}")]
    operations = [{operation}]
"""
GOOD = 'migrations.RunSQL("CREATE TABLE upgraded AS SELECT 1 AS one; TRUNCATE pairs")'
FAILING = "migrations.RunPython(lambda apps, schema_editor: 1 / 0)"


@pytest.fixture
def source(project: Project) -> Iterator[Path]:
    """The backend's sources; what a test changes there is undone, its image and data too."""
    backend = project.root / "backend"
    command = backend / "integrations/management/commands/apply_integration_settings.py"
    old_command, before = command.read_bytes(), set(backend.rglob("*.py"))
    yield backend
    command.write_bytes(old_command)
    for made in set(backend.rglob("*.py")) - before:
        made.unlink()
    for path in store.default(project).glob("*.tar"):
        path.unlink()


def add_migration(source: Path, operation: str) -> None:
    migrations = source / "alarm" / "migrations"
    newest = sorted(path.stem for path in migrations.glob("0*.py"))[-1]
    text = MIGRATION.format(after=newest, operation=operation)
    (migrations / "9999_by_a_test.py").write_text(text, encoding="utf-8")


def stop_by_itself(source: Path) -> None:
    """A version that accepts a copy of the data, and then is never ready with the real ones."""
    command = source / "integrations/management/commands/apply_integration_settings.py"
    text = command.read_text(encoding="utf-8")
    text += (
        "\n\nimport os\n\n"
        f'if os.environ["POSTGRES_DB"] == "{DATABASE}":\n'
        '    raise RuntimeError("never ready")\n'
    )
    command.write_text(text, encoding="utf-8")


def image_of(project: Project) -> str:
    return str(project.containers()["app"].attrs["Image"])


def answers(project: Project) -> bool:
    """What stands for the smoke checks here: the panel answers through its port."""
    return requests.get(f"{project.url}/api/health/ready/", timeout=10).status_code == 200


def upgrade_by_test(project: Project, verified: Callable[[], bool]) -> None:
    upgrade(project, may_be_verified=lambda: answers(project), verified=verified)


def fails_and_goes_back(project: Project, database: Server, *, verified: bool = True) -> str:
    """Upgrade in vain; returns why all is as before, which it is."""
    database.ask("INSERT INTO pairs VALUES (-3, 1), (-3, 2)", DATABASE)
    rows, databases, image = fingerprint(database), database.databases(), image_of(project)
    with pytest.raises(Failure) as failed:
        upgrade_by_test(project, lambda: answers(project) and verified)
    assert failed.value.code == 1
    assert failed.value.what.startswith("All is as before, because ")
    assert fingerprint(database) == rows
    assert database.databases() == databases
    assert image_of(project) == image
    assert project.client.images.get(f"{project.name}-app:latest").id == image
    assert answers(project)
    return failed.value.what


def test_what_could_not_be_verified_is_not_begun(project: Project, database: Server) -> None:
    """As while the alarm is armed, which the smoke checks leave alone."""
    before = State.of(database)
    with pytest.raises(Failure, match="smoke checks cannot be made now"):
        upgrade(project, may_be_verified=lambda: False, verified=lambda: True)
    assert State.of(database) == before
    assert not list(store.default(project).glob("*.tar"))


def test_a_migration_that_fails_never_reaches_the_running_version(
    project: Project, database: Server, source: Path
) -> None:
    add_migration(source, FAILING)
    started = project.containers()["app"].attrs["State"]["StartedAt"]
    assert "cannot bring the data up to date" in fails_and_goes_back(project, database)
    assert project.containers()["app"].attrs["State"]["StartedAt"] == started


def test_an_image_that_cannot_be_built_changes_nothing(
    project: Project, database: Server, source: Path
) -> None:
    dockerfile = project.root / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8")
    dockerfile.write_text(text + "\nRUN false\n", encoding="utf-8")
    try:
        assert "docker ended with status" in fails_and_goes_back(project, database)
    finally:
        dockerfile.write_text(text, encoding="utf-8")


def test_a_version_that_is_never_ready_is_taken_back_with_what_it_migrated(
    project: Project, database: Server, source: Path
) -> None:
    add_migration(source, GOOD)
    stop_by_itself(source)
    assert "the service app stops by itself" in fails_and_goes_back(project, database)


def test_the_smoke_checks_look_at_the_new_version(project: Project, source: Path) -> None:
    (source / "another_version.py").write_text("# which the checks do not accept\n")
    before, looked_at = image_of(project), []

    def verified() -> bool:
        looked_at.append(image_of(project))
        return False

    with pytest.raises(Failure, match="does not pass the smoke checks"):
        upgrade_by_test(project, verified)
    assert len(looked_at) == 1
    assert looked_at[0] != before
    assert image_of(project) == before
    assert answers(project)


def test_a_version_that_does_not_keep_its_promises_is_taken_back(
    project: Project, database: Server, source: Path
) -> None:
    """It migrates nothing, so the database stays the one that it is."""
    (source / "another_version.py").write_text("")
    reason = fails_and_goes_back(project, database, verified=False)
    assert "does not pass the smoke checks" in reason


def test_a_good_version_serves_with_migrated_data_and_a_backup_of_before(
    project: Project, database: Server, source: Path
) -> None:
    """The last test here: from now on the stack's database is newer than its checkout."""
    add_migration(source, GOOD)
    before, rows = image_of(project), fingerprint(database)
    upgrade_by_test(project, lambda: answers(project))
    assert image_of(project) != before
    assert project.client.images.get(f"{project.name}-app:previous").id == before
    assert database.ask("SELECT one FROM upgraded", DATABASE) == ["1"]
    after = fingerprint(database)
    changed = {name for name in after if after[name] != rows.get(name)}
    migrated = {"pairs", "upgraded", "django_migrations", "sequence django_migrations_id_seq"}
    assert changed == migrated
    (backup,) = store.default(project).glob("*.tar")
    assert backup.stat().st_size > 0

    # And the older version, which does not know that migration, is refused as a step back.
    (source / "alarm" / "migrations" / "9999_by_a_test.py").unlink()
    with pytest.raises(Failure, match=r"has a newer schema than this version: alarm\.9999_by"):
        upgrade_by_test(project, lambda: answers(project))
    assert answers(project)
