"""One row for each check on an engine; a table with a line for each engine, and JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from tests.engines import project
from tests.engines.checks import CHECKS
from tests.engines.recipes import ENGINES

FILE = project.FOLDER / "engines.json"


@dataclass
class Row:
    """The result of one check on one engine."""

    engine: str
    check: str
    verdict: str = "ok"
    """ok, failed or unsupported."""
    seconds: float = 0
    note: str = ""
    """The counts, or the message for the user."""

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Record the duration of the block."""
        start = time.monotonic()
        yield
        self.seconds = round(time.monotonic() - start, 1)


def show(rows: Sequence[Row]) -> None:
    """Print the table, in seconds, and below it the notes."""
    lines = []
    for engine in ENGINES:
        cells = {row.check: row for row in rows if row.engine == engine.name}
        if cells:
            lines.append([engine.name, engine.title, *(_cell(cells.get(name)) for name in CHECKS)])
    project.table("Engines, in seconds", ("engine", "versions", *CHECKS), lines)
    for row in rows:
        if row.note:
            project.say(f"{row.engine}, {row.check}: {row.verdict}")
            project.print_output(row.note.splitlines())


def _cell(row: Row | None) -> str:
    if row is None:
        return ""
    return f"{row.seconds:.0f}" if row.verdict == "ok" else row.verdict


def write(rows: Sequence[Row]) -> None:
    """Write the JSON file."""
    text = json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False)
    FILE.write_text(text + "\n", encoding="utf-8")
