"""Uploaded files in a backup: the engine's tar arrives in chunks of any size."""

from __future__ import annotations

import io
import tarfile

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
