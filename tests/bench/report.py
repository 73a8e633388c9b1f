"""The table, and JSON for a script."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable
from datetime import UTC, datetime

from stack.config import version
from stack.config.modes import ROOT
from stack.core.console import table
from tests.bench.row import Row
from tests.bench.testbed import CORES, SETTINGS

FOLDER = ROOT / ".bench"

COLUMNS = ("path", "figure", "limit measured in the same run", "ratio", "budget", "")


def show(rows: Iterable[Row]) -> None:
    """One line a row. A figure is a median, with the minimum and maximum."""
    table("", COLUMNS, map(_cells, rows))


def _cells(row: Row) -> tuple[str, ...]:
    limit = f"{number(row.limit_figure)} {row.unit}: {row.limit}" if row.limits else row.limit
    spread = f" ({number(min(row.figures))}…{number(max(row.figures))})"
    figure = f"{number(row.figure)} {row.unit}" + (spread if len(row.figures) > 1 else "")
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    if row.budget and row.budget.of == "difference":
        ratio = f"{row.difference:+.2f}"
    name = f"{row.name}, {row.note}" if row.note else row.name
    return (name, figure, limit, ratio, row.budget.text if row.budget else "", row.verdict)


def number(value: float | None) -> str:
    """Three significant digits, with separated thousands."""
    if value is None:
        return ""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}"


def write(rows: Iterable[Row], rounds: int, facts: dict[str, str]) -> None:
    """Write `.bench/bench.json`."""
    FOLDER.mkdir(exist_ok=True)
    result = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": version.revision(ROOT),
        "machine": {"cores": CORES, "system": platform.platform(), "settings": SETTINGS.split()},
        "stack": facts,
        "rounds": rounds,
        "rows": [row.as_json() for row in rows],
    }
    path = FOLDER / "bench.json"
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
