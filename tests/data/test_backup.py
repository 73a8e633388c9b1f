"""A backup is one moment of the database, whole on the disk, or it is not there."""

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
from stack.database import server
from stack.database.server import DATABASE, Server
from tests.data.conftest import environment, inv, put_back, run_inv
from tests.data.rows import HALVES, fingerprint, written_to


def files(project: Project) -> list[str]:
    return sorted(p.name for p in store.default(project).iterdir() if not p.name.endswith(".lock"))


def test_under_write_load_it_is_one_moment_and_comes_back_row_for_row(
    project: Project, database: Server, beside: Callable[..., Project]
) -> None:
    """Into an empty stack that never was up, and then into the one that runs under load."""
    with written_to(database) as rows_so_far:
        before = rows_so_far()
        path = create.create_backup(project, store.default(project))
        assert rows_so_far() > before, "nothing was written meanwhile"
    with archive.opened(path) as backup:
        tables = backup.manifest.tables
    assert tables["public.pairs"] > 0
    assert tables["public.filled"] >= 60_000

    empty = beside(project.mode)
    put_back(empty, str(path))
    assert empty.containers() == {}, "a stack that was down is down again"
    with server.serving(empty) as other:
        rows = fingerprint(other)
        assert create.counts(other, DATABASE) == tables
        assert other.ask(HALVES, DATABASE) == ["0"], "a transaction is in it by half"

    with written_to(database, writers=1):
        asked = put_back(project, path.name)
    assert len(asked) == 1
    assert project.name in asked[0]
    assert fingerprint(database) == rows
    assert not [name for name in database.databases() if name.startswith(f"{DATABASE}_")]
    path.unlink()


def test_typed_it_prints_its_path_and_keeps_as_many_as_asked_for(project: Project) -> None:
    paths = []
    for _ in range(2):
        done = run_inv(project, "prod.backup", "--keep", "1")
        assert done.returncode == 0, done.stderr
        paths.append(Path(done.stdout.strip()))
        assert "It holds all data and the secret key" in done.stderr
    assert files(project) == [paths[1].name]
    listed = run_inv(project, "prod.backups", "--verify", "--json")
    (entry,) = json.loads(listed.stdout)
    assert entry["path"] == str(paths[1])
    assert entry["trouble"] == ""
    assert entry["project"] == project.name
    assert paths[1].name[:30] in run_inv(project, "prod.backups").stdout
    paths[1].unlink()


def test_settings_and_the_secret_key_are_in_it_but_no_password(
    backup: Path, project: Project
) -> None:
    with archive.opened(backup) as read:
        found = {m.name: b"".join(read.chunks(m)) for m in read.manifest.members}
    assert found[archive.SETTINGS] == (project.root / ".env").read_bytes()
    secrets = project.root / ".secrets"
    assert found[archive.SECRET_KEY] == (secrets / "secret_key").read_bytes()
    assert (secrets / "postgres_password").read_bytes().strip() not in backup.read_bytes()


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
def test_a_dump_that_is_killed_half_way_leaves_nothing(
    project: Project, database: Server, killed: str
) -> None:
    """pg_dump waits for a table that is locked; there it is killed."""
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
    """A file system with room for 64 KiB. Mounting takes root, or sudo as CI machines have it."""
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
def test_a_full_disk_is_said_and_has_nothing_more_on_it(project: Project, tiny_disk: Path) -> None:
    done = run_inv(project, "prod.backup", "--to", str(tiny_disk))
    assert done.returncode == 1
    assert f"✗ There is no room left in {tiny_disk}." in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tiny_disk.iterdir()) == []


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_backup_leaves_nothing(project: Project, sent: signal.Signals) -> None:
    before = files(project)
    argv = inv(project, "prod.backup")
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


def test_a_stack_that_never_was_up_has_nothing_to_back_up(
    client: DockerClient, beside: Callable[..., Project]
) -> None:
    project = beside()
    with pytest.raises(Failure, match="has no database yet"):
        create.create_backup(project, store.default(project))
    assert project.containers() == {}


def test_a_second_one_at_the_same_time_is_refused(project: Project) -> None:
    with store.lock(project):
        done = run_inv(project, "prod.backup")
    assert done.returncode == 1
    assert "is under way" in done.stderr


def test_one_that_pg_restore_cannot_read_never_gets_its_name(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that swallows a byte between writing and reading."""
    before = files(project)

    def swallowed(stream: object) -> None:
        handle = stream.fileno()  # type: ignore[attr-defined]  # the file that was written
        os.pwrite(handle, b"\0\0\0\0", os.fstat(handle).st_size // 2)

    monkeypatch.setattr(store, "flush", swallowed)
    with pytest.raises(archive.Damaged):
        create.create_backup(project, store.default(project))
    assert files(project) == before


def test_the_dump_itself_is_read_by_pg_restore_to_its_end(
    project: Project, database: Server, backup: Path, tmp_path: Path
) -> None:
    """Sound checksums around a dump that is none are not enough."""
    with archive.opened(backup) as read:
        half = b"".join(read.chunks(read.dump))[: read.dump.size // 2]
        manifest = replace(read.manifest, members=())
    path = tmp_path / "half.tar"
    with path.open("wb") as stream:
        archive.write(stream, manifest, {}, [half])
    with archive.opened(path) as read:
        read.verify()
        with pytest.raises(Failure, match="pg_restore ended with status"):
            create.require_restorable(database, read)
