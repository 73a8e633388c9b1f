"""Uploaded files: tars in chunks of any size, and restores that replace all or none."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import tarfile
from pathlib import Path

import pytest

from stack.backup import media


def tar_of(*files: tuple[str, bytes]) -> bytes:
    """A tar as the engine makes it: the folder itself, then its files."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        folder = tarfile.TarInfo("./")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for name, content in files:
            member = tarfile.TarInfo(f"./{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return stream.getvalue()


@pytest.mark.parametrize("size", [512, 10_240, 60_000, 10**7])
def test_every_byte_is_kept(size: int) -> None:
    tar = tar_of(("one", b"1" * 100_000), ("two", b"2"), ("three", b"3" * 70_000))
    chunks = [tar[at : at + size] for at in range(0, len(tar), size)]
    assert b"".join(media._unless_empty(chunks)) == tar


@pytest.mark.parametrize("size", [512, 1024, 10**6])
def test_an_empty_folder_is_left_out_and_an_empty_file_is_not(size: int) -> None:
    for files, kept in (((), False), ((("empty", b""),), True)):
        tar = tar_of(*files)
        chunks = [tar[at : at + size] for at in range(0, len(tar), size)]
        assert (b"".join(media._unless_empty(chunks)) == tar) is kept


OLD, NEW = {"a": "old", "b/c": "old", ".d": "old"}, {"a": "new", "b/e": "new", "f g": "new"}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def files_in(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text() for path in found}


KILLING_MV = """#!/bin/sh
# Rename, and kill the whole script once that was done as often as the file beside says.
left=$(cat "${0%/*}/left")
[ "$left" -gt 0 ] || kill -KILL 0
echo "$((left - 1))" >"${0%/*}/left"
exec /bin/mv "$@"
"""


def run(folder: Path, steps: str, *, path: str = "") -> int:
    """The script's status, which is negative where a signal ended it."""
    env = {**os.environ, "PATH": f"{path}{os.environ['PATH']}"}
    command = ["sh", "-c", media.script(steps, str(folder))]
    return subprocess.run(command, env=env, start_new_session=True, check=False).returncode


def test_restored_files_replace_the_others(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    assert run(tmp_path, media.PREPARE) == 0
    write(tmp_path / media.INCOMING, NEW)
    assert run(tmp_path, media.REPLACE) == 0
    assert files_in(tmp_path) == NEW
    assert {path.name for path in tmp_path.iterdir()} == {"a", "b", "f g"}


RENAMES = 7
"""Of three entries, of three others, and of the new files' folder between them."""


@pytest.mark.parametrize("done", range(RENAMES))
def test_a_killed_restore_shows_no_mix_and_is_finished_later(tmp_path: Path, done: int) -> None:
    media_folder, programs = tmp_path / "media", tmp_path / "bin"
    write(media_folder, OLD)
    write(programs, {"mv": KILLING_MV, "left": f"{done}"})
    (programs / "mv").chmod(0o755)
    assert run(media_folder, media.PREPARE) == 0
    write(media_folder / media.INCOMING, NEW)
    assert run(media_folder, media.REPLACE, path=f"{programs}:") == -signal.SIGKILL
    own = (media.INCOMING, media.CHOSEN, media.PREVIOUS)
    shown = {text for name, text in files_in(media_folder).items() if not name.startswith(own)}
    assert len(shown) < 2, "old and new files"
    assert run(media_folder, media.CLEAN_UP) == 0
    assert files_in(media_folder) == NEW


def test_files_of_a_restore_that_failed_before_are_removed(tmp_path: Path) -> None:
    write(tmp_path, OLD)
    write(tmp_path / media.INCOMING, NEW)
    assert run(tmp_path, media.CLEAN_UP) == 0
    assert files_in(tmp_path) == OLD
