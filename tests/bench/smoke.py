"""How long the smoke checks take on a stack that is up, as `inv prod.smoke` runs them."""

from __future__ import annotations

import sys
from contextlib import nullcontext

from stack.modes import DEV, LOCAL, Stack
from tests.bench.commands import variables
from tests.bench.row import Row, below
from tests.bench.stand import Stand
from tests.bench.timed import seconds
from tests.smoke.own_stack import own_stack
from tests.smoke.panel import Panel


def tests(stand: Stand) -> list[Row]:
    """Each mode's, from the start of pytest to its end."""
    rows = []
    for mode in (DEV, LOCAL):
        with own_stack(mode, nullcontext) as runner:
            Panel(runner.stack.url).set_up()
            rows.append(_of(runner.stack, stand))
    return [*rows, _of(stand.stack, stand)]


def _of(stack: Stack, stand: Stand) -> Row:
    mode = stack.mode.name
    pytest = [sys.executable, "-m", "pytest", "tests/smoke", "--mode", mode, "--running"]
    env = variables(stack, stand.client)
    taken = [seconds(pytest, stack.root, env) for _ in range(stand.rounds)]
    return Row(f"smoke checks, {mode}", "s", taken, budget=below(10, "s"))
