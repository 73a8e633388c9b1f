"""A build after one changed line, beside the one step that it makes necessary, on the host."""

from __future__ import annotations

import re
import shutil
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

from stack.modes import ROOT
from tests.bench.commands import variables
from tests.bench.rounds import interleaved
from tests.bench.row import Row, at_most_more
from tests.bench.stand import Stand
from tests.bench.timed import seconds

BACKEND_LINE = Path("backend/alarm/views/events.py")
FRONTEND_LINE = Path("frontend/src/shell/Header.tsx")
REQUIREMENTS = Path("backend/requirements.txt")

NEW = "iniconfig"
"""A small package that the app does not need, and that a lock file here has with its hashes."""

numbers = count(time.time_ns())
"""No two builds see the same line, nor did those of an earlier run: they would find it done."""


def build(stand: Stand, file: Path, line: str) -> float:
    """Add a line that no build has seen to one file of the copy; build; take the line back."""
    path = stand.root / file
    original = path.read_text(encoding="utf-8")
    path.write_text(f"{original}{line.format(number=next(numbers))}\n", encoding="utf-8")
    try:
        argv = stand.stack.compose("build", "app")
        return seconds(argv, stand.root, variables(stand.stack, stand.client))
    finally:
        path.write_text(original, encoding="utf-8")


def backend(stand: Stand) -> list[Row]:
    """One line of Python."""
    compileall = [sys.executable, "-m", "compileall", "-q", "-f", "backend"]
    alone = partial(seconds, compileall, stand.root)
    line = "# round {number}"
    return [_row(stand, "one backend line", BACKEND_LINE, line, "compileall", alone, 2)]


def frontend(stand: Stand) -> list[Row]:
    """One line of TypeScript."""
    folder = stand.root / "frontend"
    seconds(["npm", "ci", "--no-audit", "--no-fund"], folder)
    alone = partial(seconds, ["npm", "run", "build"], folder)
    line = "export const round = {number};"
    return [_row(stand, "one frontend line", FRONTEND_LINE, line, "npm run build", alone, 2)]


def dependency(stand: Stand) -> list[Row]:
    """One package more for the app."""
    lock = (ROOT / "requirements/tools.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{NEW}==.*\\\n(?:\s+--hash.*\n)+", lock, re.M)
    assert found, f"requirements/tools.txt no longer has {NEW}"
    line = found[0] + "# round {number}"
    alone = partial(_install, stand.root, found[0])
    return [_row(stand, "one new dependency", REQUIREMENTS, line, "pip install", alone, 3)]


def _install(root: Path, new: str) -> float:
    """Into a new environment, as the image does it, from a cache that is as warm."""
    venv, wanted = root.parent / "venv", root.parent / "wanted.txt"
    shutil.rmtree(venv, ignore_errors=True)
    wanted.write_text((root / REQUIREMENTS).read_text(encoding="utf-8") + new, encoding="utf-8")
    seconds([sys.executable, "-m", "venv", str(venv)], root)
    pip = [str(venv / "bin" / "pip"), "install", "-q", "--require-hashes", "--only-binary=:all:"]
    return seconds([*pip, "-r", str(wanted), "-r", "docker/requirements.txt"], root)


def _row(
    stand: Stand,
    name: str,
    file: Path,
    line: str,
    words: str,
    alone: Callable[[], float],
    more: float,
) -> Row:
    taken = interleaved(stand.rounds, image=lambda: build(stand, file, line), alone=alone)
    budget = at_most_more(more, "s")
    return Row(
        f"rebuild after {name}", "s", taken["image"], f"{words} alone", taken["alone"], budget
    )
