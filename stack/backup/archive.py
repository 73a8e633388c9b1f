"""The file of a backup: a tar that any `tar` can read, whose every byte that matters is checked.

    manifest.json   what it is of, and the size and SHA-256 of each member that follows
    settings.env    the checkout's .env, where it has one
    secret_key      production's secret key: what the app has encrypted opens with no other
    database.dump   pg_dump's custom format

The dump goes straight into its place; the manifest in front of it is written last, into the room
that was left for it, so a file that was not finished has none.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from stack.core.console import Failure
from stack.database.server import CHUNK

FORMAT = "alarm-backup"
VERSION = 1
MANIFEST, SETTINGS, SECRET_KEY, DUMP = (
    "manifest.json",
    "settings.env",
    "secret_key",
    "database.dump",
)
BLOCK = tarfile.BLOCKSIZE
END = bytes(2 * BLOCK)  # two empty blocks end a tar
LARGEST_MANIFEST = 4 * CHUNK
LARGEST_DUMP = 10**15
UNITS = ("KiB", "MiB", "GiB", "TiB")


class Damaged(Failure):
    """The file is, or was, a backup, and cannot be trusted."""

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
    """What a backup says of itself."""

    project: str
    mode: str
    version: str
    revision: str
    created_at: str
    """ISO 8601, UTC, whole seconds."""
    postgres: str
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
    stream: BinaryIO, manifest: Manifest, small: Mapping[str, bytes], dump: Iterable[bytes]
) -> Manifest:
    """Write a backup into an empty seekable file; return its manifest with the members in it."""
    members = [_member(name, content) for name, content in small.items()]
    largest = Member(DUMP, LARGEST_DUMP, "0" * 64)
    room = len(_with(manifest, [*members, largest]).encoded())
    modified = int(manifest.at.timestamp())
    stream.write(_header(MANIFEST, room, modified) + bytes(_padded(room)))
    for name, content in small.items():
        stream.write(_header(name, len(content), modified) + _fill(content))
    place = stream.tell()
    stream.write(bytes(BLOCK))
    digest, size = hashlib.sha256(), 0
    for chunk in dump:
        digest.update(chunk)
        size += len(chunk)
        stream.write(chunk)
    stream.write(bytes(_padded(size) - size) + END)
    stream.seek(place)
    stream.write(_header(DUMP, size, modified))
    complete = _with(manifest, [*members, Member(DUMP, size, digest.hexdigest())])
    stream.seek(BLOCK)
    stream.write(complete.encoded(room))
    return complete


class Backup:
    """An open backup whose manifest is sound and whose file is as long as the manifest says."""

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        """Read what can be read quickly. Raises Failure for everything that is no whole backup."""
        self.path = path
        self._stream = stream
        room, modified = self._first_header()
        self.manifest = self._manifest(room)
        self._places: dict[str, int] = {}
        place = 0
        for name, size in [(MANIFEST, room), *((m.name, m.size) for m in self.manifest.members)]:
            if self._read(place, BLOCK) != _header(name, size, modified):
                raise Damaged(path, f"{name} is not where it should be")
            self._places[name] = place + BLOCK
            place += BLOCK + _padded(size)
        if self._read(place, len(END) + 1) != END:
            raise Damaged(path, "its end is not where it should be")

    def chunks(self, member: Member) -> Iterator[bytes]:
        """What a member holds; raises Damaged at its end when that is not what was written."""
        digest, place = hashlib.sha256(), self._places[member.name]
        end = place + member.size
        while place < end and (chunk := self._read(place, min(CHUNK, end - place))):
            place += len(chunk)
            digest.update(chunk)
            yield chunk
        if digest.hexdigest() != member.sha256:
            raise Damaged(self.path, f"the checksum of {member.name} is another")

    def member(self, name: str) -> Member | None:
        """The member of that name, where the backup has one."""
        return next((m for m in self.manifest.members if m.name == name), None)

    @property
    def dump(self) -> Member:
        found = self.member(DUMP)
        if found is None:
            raise Damaged(self.path, f"there is no {DUMP} in it")
        return found

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    def verify(self, told: Callable[[str], None] = lambda text: None) -> None:
        """Read it all and compare every checksum. Raises Damaged."""
        for member in self.manifest.members:
            read = 0
            for chunk in self.chunks(member):
                read += len(chunk)
                told(f"{human(read)} of {human(member.size)}")

    def _read(self, place: int, size: int) -> bytes:
        try:
            self._stream.seek(place)
            return self._stream.read(size)
        except OSError as error:
            raise Damaged(self.path, f"it cannot be read ({error.strerror})") from error

    def _first_header(self) -> tuple[int, int]:
        """Room of the manifest in bytes, and the time that all members have."""
        foreign = Failure(
            f"{self.path.name} is no backup that `inv` made.", "Choose one of: inv prod.backups"
        )
        try:
            first = tarfile.TarInfo.frombuf(self._read(0, BLOCK), "utf-8", "strict")
        except (tarfile.HeaderError, UnicodeDecodeError) as error:
            raise foreign from error
        if first.name != MANIFEST:
            raise foreign
        if not 0 < first.size <= LARGEST_MANIFEST:
            raise Damaged(self.path, f"{MANIFEST} has an impossible size")
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
    """Open a backup and look at it quickly. Raises Failure for what is none, or not whole."""
    try:
        stream = path.open("rb")
    except OSError as error:
        raise Failure(
            f"{path} cannot be read: {error.strerror}.", "Choose one of: inv prod.backups"
        ) from error
    with stream:
        yield Backup(path, stream)


def human(size: float) -> str:
    """A number of bytes for a person."""
    if size < 1024:
        return f"{size:.0f} B"
    power = min((int(size).bit_length() - 1) // 10, len(UNITS))
    return f"{size / 1024**power:.1f} {UNITS[power - 1]}"


def _digest_of(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _member(name: str, content: bytes) -> Member:
    return Member(name, len(content), hashlib.sha256(content).hexdigest())


def _with(manifest: Manifest, members: Iterable[Member]) -> Manifest:
    return Manifest(**{**vars(manifest), "members": tuple(members)})


def _header(name: str, size: int, modified: int) -> bytes:
    """A block as tar writes it, without an owner and with mode 600."""
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, modified, 0o600
    # Unlike the others, GNU's format needs no second block for more than 8 GiB.
    return member.tobuf(tarfile.GNU_FORMAT)


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _fill(content: bytes) -> bytes:
    return content.ljust(_padded(len(content)), b"\0")
