"""python -m tests.bench.cluster: put the figures of the last run into docs/scale.md.

It copies .bench/cluster.json to docs/scale.json, and writes each table of the page anew.
"""

from __future__ import annotations

import json
import sys

from stack.config.modes import ROOT
from tests.bench.cluster import tables

FIGURES = ROOT / ".bench" / "cluster.json"
COPY = ROOT / "docs" / "scale.json"
PAGE = ROOT / "docs" / "scale.md"

END = "<!-- end -->"


def block(name: str, table: str) -> str:
    """A table between two comments of the page, which a reader does not see."""
    return f"<!-- {name} -->\n\n{table}\n\n{END}"


def filled(page: str, found: dict[str, object]) -> str:
    """The page with the tables of these figures."""
    for name, table in tables.tables(found).items():
        before, _begin, rest = page.partition(f"<!-- {name} -->")
        _old, end, after = rest.partition(END)
        assert end, f"the page has no place for: {name}"
        page = before + block(name, table) + after
    return page


def main() -> int:
    text = FIGURES.read_text(encoding="utf-8")
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), json.loads(text)), encoding="utf-8")
    COPY.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
