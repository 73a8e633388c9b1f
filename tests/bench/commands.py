"""What a person waits for at the prompt: `inv --list`, `.status`, `inv prod` with nothing new."""

from __future__ import annotations

import sys
from functools import partial

from stack import images, lifecycle, names
from tests.bench.rounds import interleaved
from tests.bench.row import Row, at_most_more
from tests.bench.stand import Stand
from tests.bench.timed import seconds


def variables(stand: Stand) -> dict[str, str]:
    """The environment in which the copy's commands mean the stand's stack, as `inv` has it."""
    name = stand.stack.project.removesuffix(f"-{stand.stack.mode.name}")
    choices = images.variables(images.choose(stand.client, stand.root))
    return {**lifecycle.environment(stand.stack), **choices, names.VARIABLE: name}


def prompt(stand: Stand) -> list[Row]:
    """Commands that only tell something."""
    run = partial(seconds, cwd=stand.root, env=variables(stand))
    inv = [sys.executable, "-m", "invoke"]
    taken = interleaved(
        stand.rounds,
        listing=lambda: run([*inv, "--list"]),
        python=lambda: run([sys.executable, "-c", "pass"]),
        status=lambda: run([*inv, "prod.status"]),
        ps=lambda: run(stand.stack.compose("ps")),
    )
    budget = at_most_more(0.25, "s")
    return [
        Row("inv --list", "s", taken["listing"], "python -c pass", taken["python"], budget),
        Row("inv prod.status", "s", taken["status"], "docker compose ps", taken["ps"], budget),
    ]


def warm(stand: Stand) -> list[Row]:
    """`inv prod` while all of it runs and nothing has changed."""
    run = partial(seconds, cwd=stand.root, env=variables(stand))
    taken = interleaved(
        stand.rounds,
        inv=lambda: run([sys.executable, "-m", "invoke", "prod"]),
        compose=lambda: run(stand.stack.compose("up", "--detach", "--wait")),
    )
    words = "docker compose up --detach --wait"
    budget = at_most_more(0.7, "s")
    return [Row("inv prod, nothing changed", "s", taken["inv"], words, taken["compose"], budget)]
