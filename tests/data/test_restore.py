"""A refused restore changes nothing, and one that fails is rolled back."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from stack.backup import archive, create, restore, store
from stack.compose import health
from stack.compose.project import Project
from stack.config.modes import DEV
from stack.core.console import Failure
from stack.core.polling import wait_until
from stack.database import server
from stack.database.promote import KEPT
from stack.database.server import DATABASE, Server
from tests.data.conftest import State, restore_backup
from tests.data.rows import checksums
from tests.support.invoke import INV, environment, inv


def altered(source: Path, target: Path, **changes: object) -> Path:
    """A copy of a backup with another manifest and correct checksums."""
    with archive.opened(source) as read, target.open("wb") as stream:
        dump = changes.pop("dump", None) or b"".join(read.chunks(read.dump))
        assert isinstance(dump, bytes)
        manifest = replace(read.manifest, members=(), **changes)  # type: ignore[arg-type]  # names of fields
        archive.write(stream, manifest, {}, {archive.DUMP: [dump]})
    return target


def truncated(source: Path, target: Path) -> Path:
    target.write_bytes(source.read_bytes()[:-5000])
    return target


def corrupt(source: Path, target: Path) -> Path:
    content = bytearray(source.read_bytes())
    content[len(content) // 2] ^= 1
    target.write_bytes(content)
    return target


def newer(source: Path, target: Path) -> Path:
    applied = {"alarm": ["0001_initial", "9999_from_the_future"]}
    return altered(source, target, migrations=applied)


def of_newer_postgres(source: Path, target: Path) -> Path:
    return altered(source, target, postgres="99.1 (Debian 99.1-1)")


def of_another_app(source: Path, target: Path) -> Path:
    return altered(source, target, migrations={"shop": ["0001_initial"]})


def too_large(source: Path, target: Path) -> Path:
    return altered(source, target, database_bytes=2**60)


def no_dump(source: Path, target: Path) -> Path:
    return altered(source, target, dump=b"CREATE TABLE x ();" * 100)


def half_a_dump(source: Path, target: Path) -> Path:
    with archive.opened(source) as read:
        dump = b"".join(read.chunks(read.dump))
    return altered(source, target, dump=dump[: len(dump) // 2])


def rows_missing(source: Path, target: Path) -> Path:
    with archive.opened(source) as read:
        return altered(source, target, tables={**read.manifest.tables, "public.filled": 1})


def folder_instead(source: Path, target: Path) -> Path:
    target.mkdir()
    return target


def nothing(source: Path, target: Path) -> Path:
    return target


REFUSED: list[tuple[Callable[[Path, Path], Path], str]] = [
    (truncated, "is damaged"),
    (corrupt, "is damaged"),
    (newer, "has a newer schema than this version: alarm.9999_from_the_future."),
    (of_newer_postgres, "was made with PostgreSQL 99; "),
    (of_another_app, "has a newer schema than this version: shop.0001_initial."),
    (too_large, "are needed."),
    (no_dump, "pg_restore ended with status"),
    (half_a_dump, "pg_restore ended with status"),
    (rows_missing, "not every row came back: public.filled differs."),
    (folder_instead, "There is no backup"),
    (nothing, "There is no backup"),
]


def test_an_unusable_backup_is_refused_and_nothing_changes(
    project: Project, database: Server, backup: Path, tmp_path: Path
) -> None:
    before = State.of(database)
    for spoil, said in REFUSED:
        path = spoil(backup, tmp_path / spoil.__name__)
        with pytest.raises(Failure) as refused:
            restore_backup(project, str(path))
        assert said in refused.value.what, spoil.__name__
        assert refused.value.code == 1
        assert State.of(database) == before, spoil.__name__


@pytest.mark.usefixtures("unchanged")
def test_inv_restore_asks_first_and_reports_errors_in_two_lines(
    project: Project, backup: Path
) -> None:
    asked = inv(project, "prod.restore", backup.name)
    assert asked.returncode == 1
    assert f"This replaces the database of {project.name}" in asked.stderr
    assert "There is no terminal to ask on." in asked.stderr
    missing = inv(project, "prod.restore", "nothing.tar", "--yes")
    assert missing.returncode == 1
    assert missing.stderr.splitlines()[-2:] == [
        "✗ There is no backup nothing.tar.",
        "  → Choose one of: inv prod.backups",
    ]


@pytest.mark.usefixtures("unchanged")
def test_a_refused_restore_changes_nothing(project: Project, backup: Path) -> None:
    def refuse(warning: str) -> None:
        raise Failure("No.", "…")

    with pytest.raises(Failure, match=r"No\."):
        restore.restore(project, backup.name, agree=refuse)


def test_the_replaced_database_can_be_kept_and_restored(
    project: Project, database: Server, backup: Path
) -> None:
    database.ask("INSERT INTO pairs VALUES (-1, 1)", DATABASE)
    after_the_backup = checksums(database)
    restore_backup(project, backup.name, keep_old=True)
    (kept,) = (name for name in database.databases() if name.startswith(KEPT))
    assert checksums(database) != after_the_backup
    assert checksums(database, kept) == after_the_backup
    restore_backup(project, kept)
    assert checksums(database) == after_the_backup
    assert kept not in database.databases()


def test_a_database_without_tables_is_rolled_back(project: Project, database: Server) -> None:
    """It lists all migrations as applied, but has no tables."""
    broken = f"{KEPT}broken"
    database.create(broken)
    database.ask(
        "CREATE TABLE django_migrations (id int, app text, name text, applied text)", broken
    )
    for app, names in database.migrations().items():
        for name in names:
            database.ask(f"INSERT INTO django_migrations VALUES (1, '{app}', '{name}', '')", broken)
    rows = checksums(database)
    try:
        with pytest.raises(Failure, match="Rolled back: the service app") as failed:
            restore_backup(project, broken)
        assert failed.value.code == 1
        assert broken in database.databases()
    finally:
        database.drop(broken)
    assert checksums(database) == rows
    health.wait_until_ready(project)


@pytest.mark.parametrize("moment", ["Filling a database", "Starting the containers"])
def test_ctrl_c_rolls_a_restore_back(
    project: Project, database: Server, backup: Path, moment: str
) -> None:
    """SIGINT goes to the whole process group, as from a terminal, again and again."""
    database.ask("INSERT INTO pairs VALUES (-2, 1), (-2, 2)", DATABASE)
    rows, databases = checksums(database), database.databases()
    argv = (*INV, "prod.restore", backup.name, "--yes")
    with subprocess.Popen(
        argv,
        cwd=project.root,
        env=environment(project),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as typed:
        assert typed.stderr
        said: list[str] = []
        begun = False
        for line in typed.stderr:
            said.append(line)
            begun = begun or moment in line
            if begun and typed.poll() is None:
                subprocess.run(["kill", "-s", "INT", "--", f"-{typed.pid}"], check=True)
        assert typed.wait() == 130, "".join(said)
    assert "Traceback" not in "".join(said)
    assert checksums(database) == rows
    assert database.databases() == databases
    wait_until(
        "the stack to be ready",
        lambda: {health.state(c) for c in project.containers().values()} == {"healthy"},
        seconds=health.READY_SECONDS,
    )


def test_uploaded_files_are_restored(project: Project, database: Server) -> None:
    in_app = ("exec", "-T", "app", "sh", "-c")

    def change(script: str) -> str:
        done = project.capture(*in_app, f"cd /app/media; {script}")
        assert done.returncode == 0, done.stderr
        return done.stdout

    change("mkdir 'für Tür'; echo one > 'für Tür/a.txt'; echo b > .hidden")
    path = create.create_backup(project, store.default(project))
    change("rm -r * .hidden; echo new > new.txt")
    restore_backup(project, path.name)
    assert change("find . -type f -exec stat -c '%n %U' {} + | sort") == (
        "./.hidden app\n./für Tür/a.txt app\n"
    )
    assert change("cat 'für Tür/a.txt'") == "one\n"
    change("rm -r * .hidden")
    path.unlink()
    path = create.create_backup(project, store.default(project))
    with archive.opened(path) as read:
        assert read.member(archive.MEDIA) is None, "there are no files"
    path.unlink()


def test_a_backup_moves_to_development_and_back(
    project: Project, database: Server, another_stack: Callable[..., Project]
) -> None:
    rows, backup = checksums(database), create.create_backup(project, store.default(project))
    development = another_stack(DEV)
    restore_backup(development, str(backup))
    backup.unlink()
    with server.running_server(development) as other:
        assert checksums(other) == rows
        path = create.create_backup(development, backup.parent)
    with archive.opened(path) as read:
        assert read.member(archive.SECRET_KEY) is None, "development's key is public"
        assert read.manifest.mode == "dev"
    restore_backup(project, path.name)
    path.unlink()
    assert checksums(database) == rows
    health.wait_until_ready(project)
