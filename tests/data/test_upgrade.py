"""An upgrade ends with the new version verified, or with the old version and its data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack.backup import store
from stack.compose import health
from stack.compose.project import Project
from stack.core.console import Failure
from stack.database.server import DATABASE, Server
from stack.deploy.upgrade import upgrade
from tests.data.conftest import State
from tests.data.rows import checksums
from tests.support.migrations import FAILING, add_migration
from tests.support.site import is_ready

GOOD = 'migrations.RunSQL("CREATE TABLE upgraded AS SELECT 1 AS one; TRUNCATE pairs")'


@pytest.fixture
def source(project: Project) -> Iterator[Path]:
    """The backend's sources; a test's changes to them, the image and the data are undone."""
    backend = project.root / "backend"
    command = backend / "integrations/management/commands/apply_integration_settings.py"
    old_command, before = command.read_bytes(), set(backend.rglob("*.py"))
    yield backend
    command.write_bytes(old_command)
    for made in set(backend.rglob("*.py")) - before:
        made.unlink()
    for path in store.default(project).glob("*.tar"):
        path.unlink()


def stop_by_itself(source: Path) -> None:
    """A version that is ready with a copy of the data and never with the live database."""
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
    """Replaces the smoke checks: the panel answers through its port."""
    return is_ready(project)


def upgrade_by_test(project: Project, verified: Callable[[], bool]) -> None:
    upgrade(project, may_be_verified=lambda: answers(project), verified=verified)


def fails_and_goes_back(
    project: Project, database: Server, verified: Callable[[], bool] = lambda: True
) -> str:
    """Run an upgrade that fails; check that nothing changed and return the reason."""
    database.ask("INSERT INTO pairs VALUES (-3, 1), (-3, 2)", DATABASE)
    rows, databases, image = checksums(database), database.databases(), image_of(project)
    with pytest.raises(Failure) as failed:
        upgrade_by_test(project, lambda: answers(project) and verified())
    assert failed.value.code == 1
    assert failed.value.what.startswith("Rolled back: ")
    assert checksums(database) == rows
    assert database.databases() == databases
    assert image_of(project) == image
    assert health.state(project.containers()["app"]) == "healthy"  # at once
    assert project.client.images.get(f"{project.name}-app:latest").id == image
    assert answers(project)
    return failed.value.what


def test_an_upgrade_does_not_begin_while_it_cannot_be_verified(
    project: Project, database: Server
) -> None:
    """For example while the alarm is armed: the smoke checks refuse to disarm it."""
    before = State.of(database)
    with pytest.raises(Failure, match="smoke checks cannot be made now"):
        upgrade(project, may_be_verified=lambda: False, verified=lambda: True)
    assert State.of(database) == before
    assert not list(store.default(project).glob("*.tar"))


def test_a_migration_that_fails_does_not_reach_the_live_database(
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


def test_a_version_that_is_never_ready_is_rolled_back_with_its_migration(
    project: Project, database: Server, source: Path
) -> None:
    add_migration(source, GOOD)
    stop_by_itself(source)
    assert "the service app stops by itself" in fails_and_goes_back(project, database)


def test_a_version_that_fails_the_smoke_checks_is_rolled_back(
    project: Project, database: Server, source: Path
) -> None:
    """It migrates nothing, so the database is not replaced."""
    (source / "another_version.py").write_text("# another version\n")
    before, checked = image_of(project), []

    def verified() -> bool:
        checked.append(image_of(project))
        return False

    reason = fails_and_goes_back(project, database, verified)
    assert "does not pass the smoke checks" in reason
    (image,) = checked
    assert image != before


def test_a_good_version_serves_with_migrated_data_after_a_backup(
    project: Project, database: Server, source: Path
) -> None:
    """The last test here: from now on the stack's database is newer than its checkout."""
    add_migration(source, GOOD)
    before, rows = image_of(project), checksums(database)
    upgrade_by_test(project, lambda: answers(project))
    assert image_of(project) != before
    assert project.client.images.get(f"{project.name}-app:previous").id == before
    assert database.ask("SELECT one FROM upgraded", DATABASE) == ["1"]
    after = checksums(database)
    changed = {name for name in after if after[name] != rows.get(name)}
    migrated = {"pairs", "upgraded", "django_migrations", "sequence django_migrations_id_seq"}
    assert changed == migrated
    (backup,) = store.default(project).glob("*.tar")
    assert backup.stat().st_size > 0

    # The older version lacks that migration, so it is refused.
    (source / "alarm" / "migrations" / "9999_by_a_test.py").unlink()
    with pytest.raises(Failure, match=r"has a newer schema than this version: alarm\.9999_by"):
        upgrade_by_test(project, lambda: answers(project))
    assert answers(project)
