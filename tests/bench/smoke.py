"""The time of the smoke checks on a stack that is up, with pytest's start."""

from __future__ import annotations

import sys
from contextlib import nullcontext

from stack.compose import address
from stack.compose.project import Project
from stack.config.modes import DEV, LOCAL, PROD
from tests.bench.commands import variables
from tests.bench.row import Row, below
from tests.bench.testbed import Testbed
from tests.bench.timing import seconds
from tests.support.own_stack import own_stack
from tests.support.panel import PIN, Panel

RUNS = 3


def tests(testbed: Testbed) -> list[Row]:
    """The smoke checks of each mode."""
    rows = []
    for mode in (DEV, PROD, LOCAL):
        # Not on the testbed, whose settings the checks refuse.
        with own_stack(mode, nullcontext) as runner:
            Panel(address.of(runner.project)).set_up(runner.project)
            rows.append(_of(runner.project, testbed))
    return rows


def _of(project: Project, testbed: Testbed) -> Row:
    mode = project.mode.name
    pytest = [sys.executable, "-m", "pytest", "tests/smoke", "--mode", mode, "--running"]
    env = {**variables(project), "PANEL_PIN": PIN}
    taken = [seconds(pytest, project.root, env) for _ in range(RUNS)]
    return Row(f"smoke tests, {mode}", "s", taken, budget=below(10, "s"))
