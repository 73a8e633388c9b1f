"""The folder of backups: only whole files, one writer, and the newest is never deleted."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stack.backup import archive, store
from stack.compose.project import Project
from stack.config.modes import PROD, ROOT
from stack.core.console import Failure
from tests.unit.test_backup_archive import MANIFEST, SMALL


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(PROD, "alarm-prod", 5427, tmp_path)


def made(project: Project, day: int, name: str = "alarm-prod") -> Path:
    """A backup of that day of January 2026 in the default folder."""
    at = datetime(2026, 1, day, 3, 30, tzinfo=UTC)
    path = store.default(project) / store.name_of(replace(project, name=name), at)
    manifest = replace(MANIFEST, project=name, created_at=at.isoformat())
    with store.unfinished(path) as stream:
        archive.write(stream, manifest, SMALL, {archive.DUMP: [b"dump"]})
    return path


def names(project: Project) -> list[str]:
    return sorted(path.name for path in store.default(project).iterdir())


def test_only_the_owner_reads_a_backup(project: Project) -> None:
    path = made(project, 1)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_names_sort_by_time_and_hold_the_project(project: Project) -> None:
    first, second = made(project, 2), made(project, 11)
    assert first.name == "alarm-prod-20260102T033000Z.tar"
    assert [entry.path for entry in store.entries(first.parent)] == [first, second]


def half_written(path: Path, error: BaseException | type[BaseException]) -> None:
    with store.unfinished(path) as stream:
        stream.write(b"half")
        raise error


@pytest.mark.parametrize("error", [KeyboardInterrupt, Failure("what", "remedy"), ValueError])
def test_an_unfinished_backup_leaves_no_file(
    project: Project, error: BaseException | type[BaseException]
) -> None:
    path = store.default(project) / "alarm-prod-20260101T000000Z.tar"
    with pytest.raises((KeyboardInterrupt, Failure, ValueError)):
        half_written(path, error)
    assert names(project) == []


def test_the_next_backup_removes_what_a_killed_one_left(project: Project) -> None:
    left = store.default(project) / f".alarm-prod-20260101T000000Z.tar.abc{store.UNFINISHED}"
    left.write_bytes(b"half")
    other = store.default(project) / f".alarm-dev-20260101T000000Z.tar.abc{store.UNFINISHED}"
    other.write_bytes(b"of another stack")
    assert store.entries(left.parent) == []
    made(project, 1)
    assert not left.exists()
    assert other.exists()


def test_a_backup_never_replaces_another(project: Project) -> None:
    path = made(project, 1)
    before = path.read_bytes()
    with pytest.raises(Failure, match="File exists"), store.unfinished(path) as stream:
        stream.write(b"another")
    assert path.read_bytes() == before


def test_keep_deletes_the_oldest_backups_of_this_stack_only(project: Project) -> None:
    old, middle, new = made(project, 1), made(project, 2), made(project, 3)
    others = made(project, 1, name="alarm-dev")
    damaged = store.default(project) / "alarm-prod-20250101T000000Z.tar"
    damaged.write_bytes(new.read_bytes()[:-1])
    renamed = store.default(project) / "alarm-prod-before-the-move.tar"
    renamed.write_bytes(old.read_bytes())
    store.prune(new.parent, project, 2)
    assert not old.exists()
    assert all(path.exists() for path in (middle, new, others, damaged, renamed))
    store.prune(new.parent, project, 1)
    assert not middle.exists()
    assert new.exists()


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "٣"])
def test_a_wrong_number_to_keep_is_refused(text: str) -> None:
    with pytest.raises(Failure, match="is not a number of backups"):
        store.parse_keep(text)


def test_a_second_backup_at_the_same_time_is_refused(project: Project) -> None:
    with store.lock(project):
        with pytest.raises(Failure, match="is under way"), store.lock(project):
            pass
        with store.lock(replace(project, name="alarm-dev")):
            pass
    with store.lock(project):
        pass


def test_a_killed_process_releases_its_lock(project: Project) -> None:
    hold = (
        "import sys, signal; from pathlib import Path; from stack.backup import store;"
        "from stack.config.modes import PROD; from stack.compose.project import Project;"
        "s = Project(PROD, 'alarm-prod', 5427, Path(sys.argv[1]));"
        "lock = store.lock(s); lock.__enter__(); print('held', flush=True); signal.pause()"
    )
    argv = [sys.executable, "-c", hold, str(project.root)]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Failure, match="is under way"), store.lock(project):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with store.lock(project):
            pass


def test_a_backup_is_found_by_name_and_path(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = made(project, 1)
    monkeypatch.chdir(path.parent.parent)
    for text in (str(path), path.name, path.stem, f".backups/{path.name}"):
        assert store.find(project, text).samefile(path)


@pytest.mark.parametrize("text", ["nothing.tar", ".", "", "../.."])
def test_a_missing_backup_is_an_error(project: Project, text: str) -> None:
    with pytest.raises(Failure, match="There is no backup"):
        store.find(project, text)


def test_no_folder_is_made_where_a_disk_is_not_mounted(project: Project, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="There is no folder for backups") as refused:
        store.chosen(project, str(tmp_path / "my usb"))
    assert not (tmp_path / "my usb").exists()
    # The command in the remedy can be pasted although the path holds a space.
    assert refused.value.remedy.endswith(f"mkdir -m 700 '{tmp_path}/my usb'")


def test_a_pipe_is_listed_without_waiting_for_it(project: Project) -> None:
    where = made(project, 1).parent
    os.mkfifo(where / "pipe.tar")
    (where / "folder.tar").mkdir()
    (where / "link.tar").symlink_to("nowhere")
    troubles = {entry.path.name: entry.trouble for entry in store.entries(where)}
    assert [troubles.pop(f"{name}.tar") for name in ("pipe", "folder", "link")] == ["no file"] * 3
    assert list(troubles.values()) == [""]


def test_a_folder_that_cannot_be_written_is_an_error(project: Project) -> None:
    # Not even root can write here.
    where = Path("/proc/self/fdinfo")
    path = where / store.name_of(project, datetime.now(UTC))
    with pytest.raises(Failure, match="No backup can be written into"), store.unfinished(path):
        pass


def test_wrong_checksums_are_found_by_a_thorough_check_only(project: Project) -> None:
    path = made(project, 1)
    with archive.opened(path) as backup:
        member = backup.member(archive.SECRET_KEY)
        assert member is not None
        place = path.read_bytes().index(b"x" * 600)
    with path.open("r+b") as stream:
        os.pwrite(stream.fileno(), b"y", place)
    assert [entry.trouble for entry in store.entries(path.parent)] == [""]
    (entry,) = store.entries(path.parent, thorough=True)
    assert entry.trouble == "the checksum of secret_key differs"
