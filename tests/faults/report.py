"""One row for each fault: a table at the end of the run, and JSON for scripts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from stack.config.modes import ROOT
from stack.core.console import table

FILE = ROOT / ".faults" / "faults.json"


@dataclass
class Row:
    """The results of one fault. Seconds are floats; None is "does not apply"."""

    fault: str
    verdict: str = "ok"
    recovered_after: float | None = None
    """Seconds until all are served, from the fault's end; its begin, if it does not last."""
    longest_gap: float | None = None
    """The most seconds that one client was not served."""
    slowest: float | None = None
    """The most seconds that one good answer took."""
    unhealthy_after: float | None = None
    """Seconds from the fault's begin until the engine called the container unhealthy."""
    acknowledged: int | None = None
    found: int | None = None
    answers: dict[str, dict[str, int]] = field(default_factory=dict)
    """By kind of client, how often each answer was got."""
    notes: str = ""

    def cells(self) -> list[str]:
        saw = "\n".join(f"{kind}: {_counts(answers)}" for kind, answers in self.answers.items())
        writes = "" if self.found is None else f"{self.acknowledged} / {self.found}"
        return [
            *(self.fault, saw, _seconds(self.longest_gap), _seconds(self.slowest)),
            *(_seconds(self.recovered_after), _seconds(self.unhealthy_after), writes),
            *(self.verdict, self.notes),
        ]


COLUMNS = (
    *("fault", "what clients saw", "gap", "slowest", "recovered", "unhealthy"),
    *("writes / found", "", "notes"),
)
TITLE = (
    "Faults. In seconds: the longest that a client was not served, the slowest good answer,"
    " from the fault's end to all served, from its begin to unhealthy. Writes: acknowledged ones."
)


class Report:
    """The rows of one session of tests."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def add(self, row: Row) -> None:
        self.rows.append(row)

    def show(self) -> None:
        """Print the table."""
        table(TITLE, COLUMNS, [row.cells() for row in self.rows])

    def write(self, path: Path = FILE) -> None:
        path.parent.mkdir(exist_ok=True)
        rows = [asdict(row) for row in self.rows]
        path.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _counts(answers: dict[str, int]) -> str:
    return ", ".join(f"{count} × {what}" for what, count in answers.items())


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
