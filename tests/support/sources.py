"""Edits of a checkout's files that are undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def edited(file: Path, before: str, after: str) -> Iterator[None]:
    """Save `file` with one text replaced, and restore it afterwards."""
    original = file.read_text(encoding="utf-8")
    assert before in original, f"{file} no longer holds {before!r}"
    file.write_text(original.replace(before, after), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(original, encoding="utf-8")
