"""A build after one changed line, compared with its one necessary step on the host."""

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
from tests.bench.testbed import Testbed
from tests.bench.timing import seconds

BACKEND_LINE = Path("backend/alarm/views/events.py")
FRONTEND_LINE = Path("frontend/src/shell/Header.tsx")
REQUIREMENTS = Path("backend/requirements.txt")

Edit = Callable[[str, int], str]
"""Returns the file's text with a change that holds the number."""

NEW = "iniconfig"
"""A small package that the app does not need and that a lock file holds with its hashes."""

numbers = count(time.time_ns())
"""Each build gets another line, also over several runs, else the cache answers."""


def build(testbed: Testbed, file: Path, edit: Edit) -> float:
    """Edit one file of the copy in a new way, build, and undo the edit."""
    path = testbed.root / file
    original = path.read_text(encoding="utf-8")
    edited = edit(original, next(numbers))
    assert edited != original, f"{file} no longer has what the bench changes"
    before = layers(testbed)
    path.write_text(edited, encoding="utf-8")
    try:
        argv = testbed.project.command("build", "app")
        taken = seconds(argv, testbed.root, variables(testbed.project))
    finally:
        path.write_text(original, encoding="utf-8")
    assert layers(testbed) != before, f"what was changed in {file} is not in the image"
    return taken


def layers(testbed: Testbed) -> list[str]:
    """The digests of the newest image's layers."""
    found: list[str] = image_of(testbed).attrs["RootFS"]["Layers"]
    return found


def image_of(testbed: Testbed) -> Image:
    """The newest image of the stack's app, which the container may not run yet."""
    return testbed.client.images.get(f"{testbed.project.name}-app")


def one_comment_more(text: str, number: int) -> str:
    """The text with another comment at its end."""
    return f"{text}# round {number}\n"


def backend(testbed: Testbed) -> list[Row]:
    """One line of Python."""
    compileall = [sys.executable, "-m", "compileall", "-q", "-f", "backend"]
    alone = partial(seconds, compileall, testbed.root)
    edit = one_comment_more
    return [_row(testbed, "one backend line", BACKEND_LINE, edit, "compileall", alone, 2)]


def frontend(testbed: Testbed) -> list[Row]:
    """One line of TypeScript on the page."""
    folder = testbed.root / "frontend"
    seconds(["npm", "ci", "--no-audit", "--no-fund"], folder)
    alone = partial(seconds, ["npm", "run", "build"], folder)

    def edit(text: str, number: int) -> str:
        return text.replace("{text.title}", f"{{text.title}} {number}", 1)

    return [_row(testbed, "one frontend line", FRONTEND_LINE, edit, "npm run build", alone, 2)]


def dependency(testbed: Testbed) -> list[Row]:
    """One more package for the app."""
    lock = (ROOT / "requirements/tools.txt").read_text(encoding="utf-8")
    found = re.search(rf"^{NEW}==.*\\\n(?:\s+--hash.*\n)+", lock, re.M)
    assert found, f"requirements/tools.txt no longer has {NEW}"
    more = found[0]
    alone = partial(_install, testbed.root, more)

    def edit(text: str, number: int) -> str:
        return one_comment_more(text + more, number)

    return [_row(testbed, "one new dependency", REQUIREMENTS, edit, "pip install", alone, 3)]


def _install(root: Path, new: str) -> float:
    """Install into a new environment, as the image does, from an equally warm cache."""
    venv, wanted = root.parent / "venv", root.parent / "wanted.txt"
    shutil.rmtree(venv, ignore_errors=True)
    wanted.write_text((root / REQUIREMENTS).read_text(encoding="utf-8") + new, encoding="utf-8")
    seconds([sys.executable, "-m", "venv", str(venv)], root)
    pip = [str(venv / "bin" / "pip"), "install", "-q", "--require-hashes", "--only-binary=:all:"]
    return seconds([*pip, "-r", str(wanted), "-r", "docker/common/requirements.txt"], root)


def _row(
    testbed: Testbed,
    name: str,
    file: Path,
    edit: Edit,
    words: str,
    alone: Callable[[], float],
    more: float,
) -> Row:
    taken = interleaved(testbed.rounds, image=lambda: build(testbed, file, edit), alone=alone)
    budget = at_most_more(more, "s")
    return Row(
        f"rebuild after {name}", "s", taken["image"], f"{words} alone", taken["alone"], budget
    )
