"""The file of a backup: a tar with checksums, which any `tar` can read.

    manifest.json   where it is from, and the size and SHA-256 of each member that follows
    settings.env    the checkout's .env, where it has one
    secret_key      production's secret key, which decrypts what the app has encrypted
    database.dump   pg_dump's custom format
    media.tar       production's uploaded files, where there are any

The manifest is written last, into the space that was left for it, so an unfinished file has none.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from stack.core.console import Failure
from stack.database.server import CHUNK

FORMAT = "alarm-backup"
VERSION = 1
MANIFEST = "manifest.json"
SETTINGS = "settings.env"
SECRET_KEY = "secret_key"
KEPT_APART = "kept-apart.json"
"""By name, the SHA-256 of each secret that the database needs and the backup does not hold."""

DUMP = "database.dump"
MEDIA = "media.tar"
BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)  # two empty blocks end a tar
LARGEST = 10**15
"""Bytes of a member whose size is not known before it is written."""
UNITS = ("KiB", "MiB", "GiB", "TiB")


class Damaged(Failure):
    """The file is a backup that was changed or cut off."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            f"{path.name} is damaged: {reason}.", "Use another one of: inv prod.backups --verify"
        )
        self.reason = reason


@dataclass(frozen=True)
class Member:
    """One file in the tar; `size` in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Where a backup is from, and what is in it.

    An earlier version refuses a backup with a further field here; of members it ignores those that
    it does not know. So what is new is a member.
    """

    project: str
    mode: str
    version: str
    revision: str
    created_at: str
    """ISO 8601, UTC, whole seconds."""
    postgres: str
    """The server's version, e.g. `15.14 (Debian 15.14-0+deb12u1)`."""
    database_bytes: int
    """What the database took on its disk."""
    migrations: dict[str, list[str]]
    """By Django app, those that were applied."""
    tables: dict[str, int]
    """Rows by table, counted in the same snapshot as the dump."""
    members: tuple[Member, ...] = ()

    @property
    def schema(self) -> str:
        """A short name for the set of migrations."""
        text = json.dumps(self.migrations, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    @property
    def postgres_major(self) -> int:
        found = re.match(r"\d+", self.postgres)
        return int(found[0]) if found else 0

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.created_at)

    @property
    def rows(self) -> int:
        return sum(self.tables.values())

    def encoded(self, room: int = 0) -> bytes:
        """JSON with a checksum of its own, filled up to `room` bytes."""
        facts = {"format": FORMAT, "format_version": VERSION, **asdict(self)}
        text = json.dumps({"sha256": _digest_of(facts), **facts}, indent=1, ensure_ascii=False)
        return text.encode().ljust(room - 1) + b"\n"


def write(
    stream: BinaryIO,
    manifest: Manifest,
    small: Mapping[str, bytes],
    large: Mapping[str, Iterable[bytes]],
) -> Manifest:
    """Write a backup into an empty seekable file; return its manifest with the members in it.

    Of `large`, members without content are left out.
    """
    members = [
        Member(name, len(content), hashlib.sha256(content).hexdigest())
        for name, content in small.items()
    ]
    largest = [Member(name, LARGEST, "0" * 64) for name in large]
    room = len(replace(manifest, members=(*members, *largest)).encoded())
    modified = int(manifest.at.timestamp())
    stream.write(_header(MANIFEST, room, modified) + bytes(_padded(room)))
    for name, content in small.items():
        stream.write(_header(name, len(content), modified))
        stream.write(content.ljust(_padded(len(content)), b"\0"))
    for name, chunks in large.items():
        place = stream.tell()
        member = _write_large(stream, name, chunks, modified)
        if member.size:
            members.append(member)
        else:
            stream.seek(place)
    stream.write(END)
    stream.truncate()
    complete = replace(manifest, members=tuple(members))
    stream.seek(BLOCK)
    stream.write(complete.encoded(room))
    return complete


def _write_large(stream: BinaryIO, name: str, chunks: Iterable[bytes], modified: int) -> Member:
    """Write a member, then its header, which holds the size."""
    place = stream.tell()
    stream.write(bytes(BLOCK))
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        stream.write(chunk)
    stream.write(bytes(_padded(size) - size))
    end = stream.tell()
    stream.seek(place)
    stream.write(_header(name, size, modified))
    stream.seek(end)
    return Member(name, size, digest.hexdigest())


class Backup:
    """An open backup, whose manifest and size were checked."""

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        """Read what can be read quickly. Raises Failure where that is not a whole backup."""
        self.path = path
        self._stream = stream
        room, modified = self._first_header()
        self.manifest = self._manifest(room)
        self._places: dict[str, int] = {}
        place = 0
        for member in (Member(MANIFEST, room, ""), *self.manifest.members):
            if self._read(place, BLOCK) != _header(member.name, member.size, modified):
                raise Damaged(path, f"{member.name} is not where it should be")
            self._places[member.name] = place + BLOCK
            place += BLOCK + _padded(member.size)
        if self._read(place, len(END) + 1) != END:
            raise Damaged(path, "its end is not where it should be")

    def chunks(self, member: Member) -> Iterator[bytes]:
        """The content of a member; raises Damaged after it if the checksum differs."""
        digest, place = hashlib.sha256(), self._places[member.name]
        end = place + member.size
        while place < end and (chunk := self._read(place, min(CHUNK, end - place))):
            place += len(chunk)
            digest.update(chunk)
            yield chunk
        if digest.hexdigest() != member.sha256:
            raise Damaged(self.path, f"the checksum of {member.name} differs")

    def member(self, name: str) -> Member | None:
        return next((m for m in self.manifest.members if m.name == name), None)

    @property
    def dump(self) -> Member:
        found = self.member(DUMP)
        if found is None:
            raise Damaged(self.path, f"there is no {DUMP} in it")
        return found

    def verify(self, detail: Callable[[str], None] = lambda text: None) -> None:
        """Read it all and compare every checksum. Raises Damaged."""
        for member in self.manifest.members:
            for _ in measured(self.chunks(member), detail):
                pass

    def _read(self, place: int, size: int) -> bytes:
        try:
            self._stream.seek(place)
            return self._stream.read(size)
        except OSError as error:
            raise Damaged(self.path, f"it cannot be read ({error.strerror})") from error

    def _first_header(self) -> tuple[int, int]:
        """Room of the manifest in bytes, and the time that all members have."""
        foreign = Failure(
            f"{self.path.name} is not a backup that `inv` made.", "Choose one of: inv prod.backups"
        )
        try:
            first = tarfile.TarInfo.frombuf(self._read(0, BLOCK), "utf-8", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError) as error:
            raise foreign from error
        if first.name != MANIFEST:
            raise foreign
        return first.size, int(first.mtime)

    def _manifest(self, room: int) -> Manifest:
        try:
            facts = json.loads(self._read(BLOCK, room))
            if facts.pop("sha256") != _digest_of(facts) or facts.pop("format") != FORMAT:
                raise ValueError("checksum")
            if (version := int(facts.pop("format_version"))) > VERSION:
                raise Failure(
                    f"{self.path.name} was made by a newer version of `inv`: format {version}.",
                    f"Check that one out: git checkout {facts['revision']}",
                )
            members = tuple(Member(**member) for member in facts.pop("members"))
            return Manifest(**facts, members=members)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Damaged(self.path, f"{MANIFEST} is not as it was written") from error


@contextmanager
def opened(path: Path) -> Iterator[Backup]:
    """Open a backup and check its manifest and size. Raises Failure if it is not a whole one."""
    try:
        stream = path.open("rb")
    except OSError as error:
        raise Failure(
            f"{path} cannot be read: {error.strerror}.", "Choose one of: inv prod.backups"
        ) from error
    with stream:
        yield Backup(path, stream)


def measured(chunks: Iterable[bytes], detail: Callable[[str], None]) -> Iterator[bytes]:
    """The same chunks; `detail` is given how much was read so far."""
    done = 0
    for chunk in chunks:
        done += len(chunk)
        detail(human(done))
        yield chunk


def human(size: float) -> str:
    """A number of bytes with its unit, e.g. `1.5 GiB`."""
    if size < 1024:
        return f"{size:.0f} B"
    power = min((int(size).bit_length() - 1) // 10, len(UNITS))
    return f"{size / 1024**power:.1f} {UNITS[power - 1]}"


def _digest_of(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _header(name: str, size: int, modified: int) -> bytes:
    """A block as tar writes it, without an owner and with mode 600."""
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, modified, 0o600
    # Unlike the others, GNU's format needs no second block for more than 8 GiB.
    return member.tobuf(tarfile.GNU_FORMAT)


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK
