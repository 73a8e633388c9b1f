"""docs/security.md names tests that exist."""

from __future__ import annotations

import re

import pytest

from stack.config.modes import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:-1] for line in TEXT.splitlines() if re.match(r"\| (?!who |-)", line)]
NAMED = [name for row in ROWS for name in re.findall(r"`([^`]+::\w+)`", row[-1])]


def test_each_row_names_a_test() -> None:
    assert ROWS
    assert not [row for row in ROWS if "::test_" not in row[-1]]


@pytest.mark.parametrize("name", NAMED)
def test_each_test_exists(name: str) -> None:
    file, _, test = name.partition("::")
    path = (
        ROOT / file if file.startswith(("tests/", "frontend/")) else ROOT / "backend/tests" / file
    )
    assert re.search(rf"\bdef {test}\(", path.read_text(encoding="utf-8")), name
