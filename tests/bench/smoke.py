"""How long the smoke tests take on a stack that is up, from the start of pytest to its end."""

from __future__ import annotations

import sys
from contextlib import nullcontext

from stack.compose.project import Project
from stack.config.modes import DEV, LOCAL, PROD
from tests.bench.commands import variables
from tests.bench.row import Row, below
from tests.bench.stand import Stand
from tests.bench.timed import seconds
from tests.smoke.own_stack import own_stack
from tests.smoke.panel import PIN, Panel

RUNS = 3


def tests(stand: Stand) -> list[Row]:
    """Each mode's."""
    rows = []
    for mode in (DEV, PROD, LOCAL):
        # Not the stack that is measured: it has other settings, of which the checks would complain.
        with own_stack(mode, nullcontext) as runner:
            Panel(runner.project.url).set_up()
            rows.append(_of(runner.project, stand))
    return rows


def _of(project: Project, stand: Stand) -> Row:
    mode = project.mode.name
    pytest = [sys.executable, "-m", "pytest", "tests/smoke", "--mode", mode, "--running"]
    env = variables(project)
    taken = [seconds([*pytest, "--pin", PIN], project.root, env) for _ in range(RUNS)]
    return Row(f"smoke tests, {mode}", "s", taken, budget=below(10, "s"))
