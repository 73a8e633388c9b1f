"""The last lines of a program's log, which `log-prefix` keeps in RUN_DIR beside the container's."""

import os
import re
from pathlib import Path

FOLDER = Path(os.environ.get("RUN_DIR", "/run/app"), "log")
LINES = 200
BYTES = 128 * 1024
"""Of each of the two files so much is read, whatever they hold."""

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
