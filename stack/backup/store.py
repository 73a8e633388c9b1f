"""The folder of backups: names, one backup at a time, no half-written file, how many are kept."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from stack.backup import archive
from stack.compose.project import Project
from stack.core import files
from stack.core.console import Failure, say

SUFFIX = ".tar"
UNFINISHED = ".unfinished"


def default(project: Project) -> Path:
    """The checkout's own folder, created if needed, closed to other users of the host."""
    folder = project.root / ".backups"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        files.give_to_owner_of_folder(folder)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder


def chosen(project: Project, path: str) -> Path:
    """The folder at `path`, else the default. Only the default is created: for a disk that is not
    mounted there must be no folder in its place.
    """
    if not path:
        return default(project)
    folder = Path(path).expanduser().resolve()
    if not folder.is_dir():
        raise Failure(
            f"There is no folder for backups at {folder}.",
            f"Mount it, or: mkdir -m 700 {shlex.quote(str(folder))}",
        )
    return folder


def name_of(project: Project, at: datetime) -> str:
    """A name that sorts by time, in UTC."""
    return f"{project.name}-{at:%Y%m%dT%H%M%SZ}{SUFFIX}"


@contextmanager
def lock(project: Project) -> Iterator[None]:
    """Only one backup, restore or upgrade of a stack at a time; the end of a process frees it."""
    with (default(project) / f".{project.name}.lock").open("a") as held:
        files.give_to_owner_of_folder(Path(held.name))
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Failure(
                f"Another start, backup, restore or upgrade of {project.name} is under way.",
                "Wait until it has ended, then try again.",
            ) from error
        yield


@contextmanager
def unfinished(path: Path) -> Iterator[BinaryIO]:
    """A temporary file that gets the name `path` when the block ends.

    Where the block raises, the file is deleted. Raises Failure when the folder takes no file.
    """
    _sweep(path.parent, path.name.rpartition("-")[0])
    try:
        with files.temporary(path.parent, f".{path.name}.", UNFINISHED) as temporary:
            with files.create(temporary) as stream:
                files.give_to_owner_of_folder(temporary)
                yield stream
            _put(temporary, path)
    except OSError as error:
        raise _unwritable(path.parent, error) from error


def flush(stream: BinaryIO) -> None:
    """Write everything to the disk, and have it read from there again."""
    stream.flush()
    os.fsync(stream.fileno())
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


@dataclass(frozen=True)
class Entry:
    """A file in the folder: its manifest, or why it cannot be restored."""

    path: Path
    manifest: archive.Manifest | None
    trouble: str = ""


def entries(folder: Path, *, thorough: bool = False) -> list[Entry]:
    """Every backup in the folder, oldest first; `thorough` compares all checksums."""
    return [_entry(path, thorough) for path in sorted(folder.glob(f"*{SUFFIX}"))]


def _entry(path: Path, thorough: bool) -> Entry:
    if not path.is_file():  # opening a pipe waits for its other end
        return Entry(path, None, "no file")
    try:
        with archive.opened(path) as backup:
            if thorough:
                backup.verify()
            return Entry(path, backup.manifest)
    except archive.Damaged as damage:
        return Entry(path, None, damage.reason)
    except Failure as failure:
        return Entry(path, None, failure.what)


def find(project: Project, text: str) -> Path:
    """The file of a path, or of a name from the list."""
    own = project.root / ".backups"
    for path in (Path(text).expanduser(), own / text, own / f"{text}{SUFFIX}"):
        if path.is_file():
            return path
    raise Failure(f"There is no backup {text}.", f"Choose one of: inv {project.mode.name}.backups")


def parse_keep(text: str) -> int | None:
    """How many backups to keep; None for all."""
    if not text:
        return None
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise Failure(f"{text!r} is not a number of backups to keep.", "Type for example: --keep 14")


def prune(folder: Path, project: Project, keep: int) -> None:
    """Delete all but the newest `keep` whole backups of this stack; nothing else is touched."""
    own = [
        entry
        for entry in entries(folder)
        if entry.manifest is not None
        and entry.manifest.project == project.name
        and entry.path.name == name_of(project, entry.manifest.at)
    ]
    for entry in own[:-keep]:
        entry.path.unlink()
        say(f"✓ deleted {entry.path.name} (--keep {keep})", style="dim")


def _sweep(folder: Path, project: str) -> None:
    """Remove what a killed backup of this stack has left; the caller holds the lock."""
    with contextlib.suppress(OSError):
        for left in folder.glob(f".{project}-*{UNFINISHED}"):
            left.unlink()


def _put(temporary: Path, path: Path) -> None:
    """Rename the file to its final name, never over another: the caller's lock makes that safe."""
    if path.exists():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    temporary.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _unwritable(folder: Path, error: OSError) -> Failure:
    if error.errno in files.FULL:
        return Failure(
            f"There is no room left in {folder}.",
            "Make room, or use another disk: --to FOLDER; nothing was left behind",
        )
    return Failure(
        f"No backup can be written into {folder}: {error.strerror or error}.",
        "Choose another folder: --to FOLDER",
    )
