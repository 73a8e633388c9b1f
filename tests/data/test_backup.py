"""A backup is consistent and complete, or there is no file."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from docker import DockerClient

from stack.backup import archive, create, store
from stack.compose.project import Project
from stack.core.console import Failure
from stack.core.polling import wait_until
from stack.database import major, server
from stack.database.server import DATABASE, Server
from tests.data.conftest import restore_backup
from tests.data.rows import HALVES, checksums, written_to
from tests.support.containers import nothing_left
from tests.support.invoke import INV, environment, inv


def files(project: Project) -> list[str]:
    return sorted(p.name for p in store.default(project).iterdir() if not p.name.endswith(".lock"))


def test_a_backup_under_load_is_consistent_and_restores_every_row(
    project: Project, database: Server, another_stack: Callable[..., Project]
) -> None:
    """Restored into a stack that was never started, then into the one that runs under load."""
    with written_to(database) as rows_so_far:
        before = rows_so_far()
        path = create.create_backup(project, store.default(project))
        assert rows_so_far() > before, "nothing was written meanwhile"
    with archive.opened(path) as backup:
        tables = backup.manifest.tables
    assert tables["public.pairs"] > 0
    assert tables["public.filled"] >= 60_000

    empty = another_stack(project.mode)
    restore_backup(empty, str(path))
    assert empty.containers() == {}, "a stack that was down is down again"
    image = project.containers()["db"].attrs["Config"]["Image"]
    number = int(database.ask("SHOW server_version_num")[0])
    assert major.of_data(empty, image) == number // 10_000
    with server.running_server(empty) as other:
        rows = checksums(other)
        assert create.counts(other, DATABASE) == tables
        assert other.ask(HALVES, DATABASE) == ["0"], "a transaction is in it by half"

    with written_to(database, writers=1):
        asked = restore_backup(project, path.name)
    assert len(asked) == 1
    assert project.name in asked[0]
    assert checksums(database) == rows
    assert not [name for name in database.databases() if name.startswith(f"{DATABASE}_")]
    path.unlink()


def test_inv_backup_prints_the_path_and_keeps_the_given_number(project: Project) -> None:
    paths = []
    for _ in range(2):
        done = inv(project, "prod.backup", "--keep", "1")
        assert done.returncode == 0, done.stderr
        paths.append(Path(done.stdout.strip()))
        assert "It holds all data and the secret key" in done.stderr
    assert files(project) == [paths[1].name]
    listed = inv(project, "prod.backups", "--verify", "--json")
    (entry,) = json.loads(listed.stdout)
    assert entry["path"] == str(paths[1])
    assert entry["trouble"] == ""
    assert entry["project"] == project.name
    assert paths[1].name[:30] in inv(project, "prod.backups").stdout
    paths[1].unlink()


def test_a_backup_holds_the_settings_and_the_secret_key_but_no_password(
    backup: Path, project: Project
) -> None:
    with archive.opened(backup) as read:
        found = {m.name: b"".join(read.chunks(m)) for m in read.manifest.members}
    assert found[archive.SETTINGS] == (project.root / ".env").read_bytes()
    secrets = project.root / ".secrets"
    assert found[archive.SECRET_KEY] == (secrets / "secret_key").read_bytes()
    for name in ("postgres_password", "pin_pepper"):
        assert (secrets / name).read_bytes().strip() not in backup.read_bytes()


DUMPING = "application_name = 'pg_dump' AND wait_event_type = 'Lock'"
KILLS = {
    # Not every image of PostgreSQL has pkill.
    "the program": (
        *("sh", "-c"),
        'for p in /proc/[0-9]*; do [ "$(cat $p/comm)" != pg_dump ] || kill -9 ${p#/proc/}; done',
    ),
    "its session": (
        *("psql", "--username=alarm", "--dbname=postgres", "--command"),
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {DUMPING}",
    ),
}


@pytest.mark.parametrize("killed", KILLS)
def test_a_killed_dump_leaves_no_file(project: Project, database: Server, killed: str) -> None:
    """pg_dump is killed while it waits for a locked table."""
    before = files(project)
    lock = "BEGIN; LOCK TABLE parted; SELECT pg_sleep(120)"
    waiting = f"SELECT count(*) FROM pg_stat_activity WHERE {DUMPING}"
    with ThreadPoolExecutor() as threads:
        locked = threads.submit(database.ask, lock, DATABASE)
        try:
            taken = threads.submit(create.create_backup, project, store.default(project))
            wait_until("pg_dump to wait", lambda: database.ask(waiting) == ["1"], seconds=60)
            database.run(*KILLS[killed])
            with pytest.raises(Failure, match="pg_dump ended with status"):
                taken.result()
        finally:
            sleeping = "query LIKE 'BEGIN; LOCK%'"
            end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {sleeping}"
            database.ask(end)
        assert locked.exception(), "the lock did not last until then"
    assert files(project) == before


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB. Mounting needs root or, on CI machines, sudo."""
    root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    where = tmp_path / "tiny"
    where.mkdir()
    options = f"size=64k,uid={os.geteuid()}"
    subprocess.run([*root, "mount", "-t", "tmpfs", "-o", options, "tiny", where], check=True)
    try:
        yield where
    finally:
        subprocess.run([*root, "umount", where], check=True)


@pytest.mark.usefixtures("unchanged")
def test_a_full_disk_is_an_error_and_leaves_no_file(project: Project, tiny_disk: Path) -> None:
    done = inv(project, "prod.backup", "--to", str(tiny_disk))
    assert done.returncode == 1
    assert f"✗ There is no room left in {tiny_disk}." in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tiny_disk.iterdir()) == []


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_backup_leaves_no_file(project: Project, sent: signal.Signals) -> None:
    before = files(project)
    argv = (*INV, "prod.backup")
    with subprocess.Popen(
        argv, cwd=project.root, env=environment(project), stderr=subprocess.PIPE, text=True
    ) as typed:
        assert typed.stderr is not None
        said = []
        for line in typed.stderr:
            said.append(line)
            if "Dumping" in line:
                typed.send_signal(sent)
        assert typed.wait() == 130, said
    assert said[-2:] == ["✗ Interrupted.\n", "  → Nothing was changed or left behind.\n"]
    assert files(project) == before


def test_a_stack_without_a_database_cannot_be_backed_up(
    client: DockerClient, another_stack: Callable[..., Project]
) -> None:
    project = another_stack()
    with pytest.raises(Failure, match="has no database yet"):
        create.create_backup(project, store.default(project))
    assert project.containers() == {}


def test_a_backup_leaves_no_volume(project: Project) -> None:
    with nothing_left(project.client):
        made = create.create_backup(project, store.default(project))
        # An image that does not name its version in a variable is asked.
        major.of_image(project.client, project.containers()["db"].attrs["Image"])
    made.unlink()


def test_a_second_backup_at_the_same_time_is_refused(project: Project) -> None:
    with store.lock(project):
        done = inv(project, "prod.backup")
    assert done.returncode == 1
    assert "is under way" in done.stderr


def test_a_dump_with_a_missing_byte_leaves_no_file(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk loses a byte between writing and reading."""
    before = files(project)

    def swallowed(stream: object) -> None:
        handle = stream.fileno()  # type: ignore[attr-defined]  # the file that was written
        os.pwrite(handle, b"\0\0\0\0", os.fstat(handle).st_size // 2)

    monkeypatch.setattr(store, "flush", swallowed)
    with pytest.raises(archive.Damaged):
        create.create_backup(project, store.default(project))
    assert files(project) == before


def test_pg_restore_reads_the_whole_dump(
    project: Project, database: Server, backup: Path, tmp_path: Path
) -> None:
    """Correct checksums around an unreadable dump are not enough."""
    with archive.opened(backup) as read:
        half = b"".join(read.chunks(read.dump))[: read.dump.size // 2]
        manifest = replace(read.manifest, members=())
    path = tmp_path / "half.tar"
    with path.open("wb") as stream:
        archive.write(stream, manifest, {}, {archive.DUMP: [half]})
    with archive.opened(path) as read:
        read.verify()
        with pytest.raises(Failure, match="pg_restore ended with status"):
            create.require_restorable(database, read)
