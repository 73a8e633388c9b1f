"""What cannot be restored changes nothing; what fails on the way is taken back."""

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
from tests.data.conftest import State, environment, inv, put_back, run_inv
from tests.data.rows import fingerprint


def altered(source: Path, target: Path, **changes: object) -> Path:
    """A copy of a backup that says something else of itself, with sound checksums."""
    with archive.opened(source) as read, target.open("wb") as stream:
        dump = changes.pop("dump", None) or b"".join(read.chunks(read.dump))
        assert isinstance(dump, bytes)
        archive.write(stream, replace(read.manifest, members=(), **changes), {}, [dump])  # type: ignore[arg-type]  # names of fields
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
    (of_another_app, "has a newer schema than this version: shop.0001_initial."),
    (too_large, "are needed."),
    (no_dump, "pg_restore ended with status"),
    (half_a_dump, "pg_restore ended with status"),
    (rows_missing, "not every row came back: public.filled differs."),
    (folder_instead, "There is no backup"),
    (nothing, "There is no backup"),
]


def test_what_cannot_be_restored_is_refused_and_nothing_changes(
    project: Project, database: Server, backup: Path, tmp_path: Path
) -> None:
    before = State.of(database)
    for spoil, said in REFUSED:
        path = spoil(backup, tmp_path / spoil.__name__)
        with pytest.raises(Failure) as refused:
            put_back(project, str(path))
        assert said in refused.value.what, spoil.__name__
        assert refused.value.code == 1
        assert State.of(database) == before, spoil.__name__


@pytest.mark.usefixtures("unchanged")
def test_typed_it_asks_first_and_says_what_is_wrong_in_two_lines(
    project: Project, backup: Path
) -> None:
    asked = run_inv(project, "prod.restore", backup.name)
    assert asked.returncode == 1
    assert f"This replaces the database of {project.name}" in asked.stderr
    assert "There is no terminal to ask on." in asked.stderr
    missing = run_inv(project, "prod.restore", "nothing.tar", "--yes")
    assert missing.returncode == 1
    assert missing.stderr.splitlines()[-2:] == [
        "✗ There is no backup nothing.tar.",
        "  → Choose one of: inv prod.backups",
    ]


@pytest.mark.usefixtures("unchanged")
def test_who_does_not_agree_keeps_everything(project: Project, backup: Path) -> None:
    def refuse(warning: str) -> None:
        raise Failure("No.", "…")

    with pytest.raises(Failure, match=r"No\."):
        restore.restore(project, backup.name, agree=refuse)


def test_the_database_of_before_can_be_kept_and_come_back(
    project: Project, database: Server, backup: Path
) -> None:
    database.ask("INSERT INTO pairs VALUES (-1, 1)", DATABASE)
    after_the_backup = fingerprint(database)
    put_back(project, backup.name, keep_old=True)
    (kept,) = (name for name in database.databases() if name.startswith(KEPT))
    assert fingerprint(database) != after_the_backup
    assert fingerprint(database, kept) == after_the_backup
    put_back(project, kept)
    assert fingerprint(database) == after_the_backup
    assert kept not in database.databases()


def test_a_database_with_which_the_app_does_not_start_is_taken_out_again(
    project: Project, database: Server
) -> None:
    """Its migrations are all applied, it says, but its tables are not there."""
    broken = f"{KEPT}broken"
    database.create(broken)
    database.ask(
        "CREATE TABLE django_migrations (id int, app text, name text, applied text)", broken
    )
    for app, names in database.migrations().items():
        for name in names:
            database.ask(f"INSERT INTO django_migrations VALUES (1, '{app}', '{name}', '')", broken)
    rows = fingerprint(database)
    try:
        with pytest.raises(Failure, match="All is as before, because the service app") as failed:
            put_back(project, broken)
        assert failed.value.code == 1
        assert broken in database.databases()
    finally:
        database.drop(broken)
    assert fingerprint(database) == rows
    health.wait_until_ready(project)


@pytest.mark.parametrize("moment", ["Filling a database", "Starting the containers"])
def test_ctrl_c_leaves_all_as_before(
    project: Project, database: Server, backup: Path, moment: str
) -> None:
    """As a terminal sends it, to `inv` and to all that it has started, again and again."""
    database.ask("INSERT INTO pairs VALUES (-2, 1), (-2, 2)", DATABASE)
    rows, databases = fingerprint(database), database.databases()
    argv = inv(project, "prod.restore", backup.name, "--yes")
    options = {"cwd": project.root, "env": environment(project), "start_new_session": True}
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, **options) as typed:  # type: ignore[call-overload]  # a dict of options
        said: list[str] = []
        begun = False
        for line in typed.stderr:
            said.append(line)
            begun = begun or moment in line
            if begun and typed.poll() is None:
                subprocess.run(["kill", "-s", "INT", "--", f"-{typed.pid}"], check=True)
        assert typed.wait() == 130, "".join(said)
    assert "Traceback" not in "".join(said)
    assert fingerprint(database) == rows
    assert database.databases() == databases
    wait_until(
        "the stack to be ready",
        lambda: {health.state(c) for c in project.containers().values()} == {"healthy"},
        seconds=health.READY_SECONDS,
    )


def test_production_comes_back_in_development_and_that_in_production(
    project: Project, database: Server, beside: Callable[..., Project]
) -> None:
    rows, backup = fingerprint(database), create.create_backup(project, store.default(project))
    development = beside(DEV)
    put_back(development, str(backup))
    backup.unlink()
    with server.serving(development) as other:
        assert fingerprint(other) == rows
        path = create.create_backup(development, backup.parent)
    with archive.opened(path) as read:
        assert read.member(archive.SECRET_KEY) is None, "everybody knows development's"
        assert read.manifest.mode == "dev"
    put_back(project, path.name)
    path.unlink()
    assert fingerprint(database) == rows
    health.wait_until_ready(project)
