"""How long the smoke tests themselves take, the stack's start left out."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

from stack.modes import ROOT
from tests.bench.row import Row, below
from tests.bench.stand import Stand
from tests.bench.timed import seconds

MODES = ("dev", "prod", "local")


def tests(_stand: Stand) -> list[Row]:
    """One run of each mode: what pytest's report says of the tests."""
    return [_of_mode(mode) for mode in MODES]


def _of_mode(mode: str) -> Row:
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        pytest = [sys.executable, "-m", "pytest", "tests/smoke", "--mode", mode]
        pytest += ["-m", "not own_stack", "-o", "junit_duration_report=call"]
        seconds([*pytest, "--junitxml", str(report)], ROOT)
        cases = ElementTree.parse(report).findall(".//testcase")
    taken = sum(float(case.attrib["time"]) for case in cases)
    note = f"{len(cases)} tests"
    return Row(f"smoke tests, {mode}", "s", [taken], budget=below(10, "s"), note=note)
