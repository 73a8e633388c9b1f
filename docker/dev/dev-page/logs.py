"""The last lines of a process's log, which `log-prefix` keeps in RUN_DIR."""

import os
import re
from pathlib import Path

FOLDER = Path(os.environ.get("RUN_DIR", "/run/app"), "log")
LINES = 200
BYTES = 128 * 1024
"""The most that is read of each of the two files."""

COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def tail(program: str) -> list[str]:
    """Up to LINES lines, the newest last; empty while there are none.

    The older file ends where the newer one begins.
    """
    if not re.fullmatch(r"[\w.-]+", program):
        return []
    text = _end_of(FOLDER / f"{program}.1") + _end_of(FOLDER / program)
    return COLOURS.sub("", text.decode(errors="replace")).splitlines()[-LINES:]


def _end_of(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - BYTES))
            return stream.read(BYTES)
    except FileNotFoundError:
        return b""
