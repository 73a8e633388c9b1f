"""Reading `.env`."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from stack.core.console import Failure


def read(path: Path) -> dict[str, str]:
    """The variables of a .env file; empty when there is none.

    Raises Failure that names the first line that cannot be understood.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return {}
    return dict(_parsed(path, found.st_mtime_ns, found.st_size))


@cache  # one command asks for many settings; another time or size is another file
def _parsed(path: Path, changed_ns: int, size: int) -> dict[str, str]:
    from dotenv.parser import parse_stream

    try:
        with path.open(encoding="utf-8-sig") as stream:
            bindings = list(parse_stream(stream))
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path.name} cannot be read: {error}", f"Mend {path.name}.") from error
    for binding in bindings:
        if binding.error:
            # No more than its first word: the rest may be a secret.
            words = binding.original.string.split()
            shown = words[0].partition("=")[0] if words else ""
            raise Failure(
                f"{path.name}, line {binding.original.line} is not NAME=value: {shown}…",
                f"Mend that line, or put a # in front of it ({path.name} is like .env.example).",
            )
    return {b.key: b.value for b in bindings if b.key is not None and b.value is not None}


def setting(root: Path, name: str) -> str | None:
    """A variable of the environment, else of the checkout's `.env`; None where it is empty."""
    return os.environ.get(name) or read(root / ".env").get(name) or None
