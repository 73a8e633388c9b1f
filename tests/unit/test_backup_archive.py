"""The file of a backup: it is read as it was written, and damage is found."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stack.backup import archive
from stack.backup.archive import Backup, Damaged, Manifest
from stack.core.console import Failure
from stack.database.server import CHUNK

MANIFEST = Manifest(
    project="alarm-prod",
    mode="prod",
    version="0.1.0",
    revision="0123456789ab",
    created_at="2026-01-31T03:30:00+00:00",
    postgres="15.20",
    database_bytes=8_000_000,
    migrations={"alarm": ["0001_initial"]},
    tables={"public.alarm_event": 12, "public.Händler": 1},
)
SMALL = {archive.SETTINGS: b"ALARM_PORT=5427\n", archive.SECRET_KEY: b"x" * 600}
DUMP = bytes(range(256)) * 5 + b"the end"


def written(path: Path, dump: bytes = DUMP) -> Path:
    with path.open("wb") as stream:
        archive.write(stream, MANIFEST, SMALL, {archive.DUMP: iter([dump[:700], dump[700:]])})
    return path


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return written(tmp_path / "alarm-prod-20260131T033000Z.tar")


def test_a_backup_is_read_as_it_was_written(backup: Path) -> None:
    with archive.opened(backup) as read:
        read.verify()
        assert replace(read.manifest, members=()) == MANIFEST
        assert b"".join(read.chunks(read.dump)) == DUMP
        for name, content in SMALL.items():
            member = read.member(name)
            assert member is not None
            assert b"".join(read.chunks(member)) == content


def test_an_earlier_version_can_read_the_manifest(backup: Path) -> None:
    with tarfile.open(backup) as tar:
        member = tar.extractfile(archive.MANIFEST)
        assert member is not None
        facts = json.load(member)
    own = {"sha256", "format", "format_version"}
    where = {"project", "mode", "version", "revision", "created_at"}
    what = {"postgres", "database_bytes", "migrations", "tables", "members"}
    assert facts.keys() == own | where | what
    assert facts["members"][0].keys() == {"name", "size", "sha256"}


def test_tar_reads_it_and_the_manifest_is_first(backup: Path) -> None:
    with tarfile.open(backup) as tar:
        assert tar.getnames() == [archive.MANIFEST, *SMALL, archive.DUMP]
        assert {member.mode for member in tar.getmembers()} == {0o600}
        dump = tar.extractfile(archive.DUMP)
        assert dump is not None
        assert dump.read() == DUMP


@pytest.mark.parametrize("size", [1, 511, 512, 513, 3 * CHUNK + 1])
def test_a_dump_of_any_size_is_read(tmp_path: Path, size: int) -> None:
    with archive.opened(written(tmp_path / "a.tar", b"d" * size)) as read:
        read.verify()
        assert read.dump.size == size


def test_a_truncated_file_is_refused(backup: Path) -> None:
    whole = backup.read_bytes()
    for length in range(len(whole)):
        with pytest.raises(Failure):
            Backup(backup, io.BytesIO(whole[:length]))
    with pytest.raises(Damaged):
        Backup(backup, io.BytesIO(whole + b"x"))


def test_a_flipped_byte_is_refused_or_makes_no_difference(backup: Path) -> None:
    whole = backup.read_bytes()
    harmless = 0
    for place in range(len(whole)):
        changed = whole[:place] + bytes([whole[place] ^ 0x20]) + whole[place + 1 :]
        try:
            read = Backup(backup, io.BytesIO(changed))
            read.verify()
        except Failure:
            continue
        harmless += 1
        assert replace(read.manifest, members=()) == MANIFEST
        assert b"".join(read.chunks(read.dump)) == DUMP
    # The padding of a tar's blocks and of the manifest belongs to no file.
    assert 0 < harmless < 4 * archive.BLOCK


def foreign() -> Iterator[tuple[str, bytes]]:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as other:
        other.addfile(tarfile.TarInfo("photos/"))
    yield "another tar", tar.getvalue()
    yield "gzip", b"\x1f\x8b\x08" + bytes(600)
    yield "a bare dump", b"PGDMP\x01\x0e\x00" + bytes(600)
    yield "SQL", b"-- PostgreSQL database dump\n" * 40
    yield "nothing", b""
    yield "random", bytes(range(256)) * 8


@pytest.mark.parametrize("content", [pytest.param(c, id=name) for name, c in foreign()])
def test_a_file_that_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(content)
    with pytest.raises(Failure, match="is not a backup that `inv` made"), archive.opened(path):
        pass


def test_a_tar_with_another_manifest_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as tar:
        content = json.dumps({"format": "theirs", "sha256": "0"}).encode()
        member = tarfile.TarInfo(archive.MANIFEST)
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    with pytest.raises(Damaged), archive.opened(path):
        pass


def test_a_newer_format_names_the_version_to_check_out(
    backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "VERSION", archive.VERSION - 1)
    with pytest.raises(Failure, match="newer version of `inv`") as refused, archive.opened(backup):
        pass
    assert refused.value.remedy == "Check that one out: git checkout 0123456789ab"


@pytest.mark.parametrize("name", ["missing.tar", "folder"])
def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(Failure, match="cannot be read"), archive.opened(tmp_path / name):
        pass


def test_a_dump_that_fails_half_way_leaves_no_valid_file(tmp_path: Path) -> None:
    def failing() -> Iterator[bytes]:
        yield DUMP
        raise Failure("pg_dump ended with status 1", "…")

    path = tmp_path / "a.tar"
    with pytest.raises(Failure, match="pg_dump"), path.open("wb") as stream:
        archive.write(stream, MANIFEST, SMALL, {archive.DUMP: failing()})
    with pytest.raises(Failure), archive.opened(path):
        pass


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (5 * 2**30, "5.0 GiB"),
        (2**55, "32768.0 TiB"),
    ],
)
def test_sizes_are_readable(size: int, text: str) -> None:
    assert archive.human(size) == text
