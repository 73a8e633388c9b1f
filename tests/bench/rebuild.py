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

from docker.models.images import Image

from stack.config.modes import ROOT
from tests.bench.commands import variables
from tests.bench.rounds import interleaved
from tests.bench.row import Row, at_most_more
from tests.bench.stand import Stand
from tests.bench.timed import seconds

BACKEND_LINE = Path("backend/alarm/views/events.py")
FRONTEND_LINE = Path("frontend/src/shell/Header.tsx")
REQUIREMENTS = Path("backend/requirements.txt")

Edit = Callable[[str, int], str]
"""From a file's text and a number that no build has seen to another text with that number."""

NEW = "iniconfig"
"""A small package that the app does not need, and that a lock file here has with its hashes."""

numbers = count(time.time_ns())
"""No two builds see the same line, nor did those of an earlier run: they would find it done."""


def build(stand: Stand, file: Path, edit: Edit) -> float:
    """Edit one file of the copy as no build has seen it; build; take that back."""
    path = stand.root / file
    original = path.read_text(encoding="utf-8")
    edited = edit(original, next(numbers))
    assert edited != original, f"{file} no longer has what the bench changes"
    before = layers(stand)
    path.write_text(edited, encoding="utf-8")
    try:
        argv = stand.project.command("build", "app")
        taken = seconds(argv, stand.root, variables(stand.project))
    finally:
        path.write_text(original, encoding="utf-8")
    assert layers(stand) != before, f"what was changed in {file} is not in the image"
    return taken


def layers(stand: Stand) -> list[str]:
    """The digests of the newest image's layers."""
    found: list[str] = image_of(stand).attrs["RootFS"]["Layers"]
    return found


def image_of(stand: Stand) -> Image:
    """The newest image of the stack's app, whether or not the container has it."""
    return stand.client.images.get(f"{stand.project.name}-app")


def one_comment_more(text: str, number: int) -> str:
    """The text with a comment at its end, as Python and lock files have them."""
    return f"{text}# round {number}\n"


def backend(stand: Stand) -> list[Row]:
    """One line of Python."""
    compileall = [sys.executable, "-m", "compileall", "-q", "-f", "backend"]
    alone = partial(seconds, compileall, stand.root)
    edit = one_comment_more
    return [_row(stand, "one backend line", BACKEND_LINE, edit, "compileall", alone, 2)]


def frontend(stand: Stand) -> list[Row]:
    """One line of TypeScript, which the page shows."""
    folder = stand.root / "frontend"
    seconds(["npm", "ci", "--no-audit", "--no-fund"], folder)
    alone = partial(seconds, ["npm", "run", "build"], folder)

    def edit(text: str, number: int) -> str:
        return text.replace("{text.title}", f"{{text.title}} {number}", 1)

    return [_row(stand, "one frontend line", FRONTEND_LINE, edit, "npm run build", alone, 2)]


def dependency(stand: Stand) -> list[Row]:
    """One package more for the app."""
    lock = (ROOT / "requirements/tools.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{NEW}==.*\\\n(?:\s+--hash.*\n)+", lock, re.M)
    assert found, f"requirements/tools.txt no longer has {NEW}"
    more = found[0]
    alone = partial(_install, stand.root, more)

    def edit(text: str, number: int) -> str:
        return one_comment_more(text + more, number)

    return [_row(stand, "one new dependency", REQUIREMENTS, edit, "pip install", alone, 3)]


def _install(root: Path, new: str) -> float:
    """Into a new environment, as the image does it, from a cache that is as warm."""
    venv, wanted = root.parent / "venv", root.parent / "wanted.txt"
    shutil.rmtree(venv, ignore_errors=True)
    wanted.write_text((root / REQUIREMENTS).read_text(encoding="utf-8") + new, encoding="utf-8")
    seconds([sys.executable, "-m", "venv", str(venv)], root)
    pip = [str(venv / "bin" / "pip"), "install", "-q", "--require-hashes", "--only-binary=:all:"]
    return seconds([*pip, "-r", str(wanted), "-r", "docker/common/requirements.txt"], root)


def _row(
    stand: Stand,
    name: str,
    file: Path,
    edit: Edit,
    words: str,
    alone: Callable[[], float],
    more: float,
) -> Row:
    taken = interleaved(stand.rounds, image=lambda: build(stand, file, edit), alone=alone)
    budget = at_most_more(more, "s")
    return Row(
        f"rebuild after {name}", "s", taken["image"], f"{words} alone", taken["alone"], budget
    )
