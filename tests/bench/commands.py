"""What a person waits for at the prompt: `inv --list`, `.status`, `inv prod` with nothing new."""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from stack.compose.project import Project
from stack.config import project_name
from stack.config.modes import DEV
from stack.images import base_images
from tests.bench.rounds import interleaved
from tests.bench.row import Row, at_most, at_most_more
from tests.bench.stand import Stand
from tests.bench.timed import seconds
from tests.smoke.own_stack import own_stack

INV = str(Path(sys.executable).with_name("inv"))

NOT_A_PERSONS = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONUNBUFFERED": ""}
"""What pipelines and images may set, and a person's shell does not."""

MORE_ROUNDS = 3
"""Times as many as of other paths: these are short, so that any neighbour shows."""

SETTLING_SECONDS = 10
"""After development's start, for Vite to have looked at the page's modules."""


def variables(project: Project) -> dict[str, str]:
    """The environment in which the copy's commands mean its stack, as `inv` has it."""
    name = project.name.removesuffix(f"-{project.mode.name}")
    choices = base_images.variables(base_images.choose(project.client, project.root))
    return {**project.environment, **choices, project_name.VARIABLE: name, **NOT_A_PERSONS}


def keep_bytecode(root: Path) -> None:
    """As an earlier command has in a person's checkout; root, who owns no copy, has kept none."""
    seconds([sys.executable, "-m", "compileall", "-q", "stack"], root)


def prompt(stand: Stand) -> list[Row]:
    """Commands that only tell something."""
    keep_bytecode(stand.root)
    run = partial(seconds, cwd=stand.root, env=NOT_A_PERSONS)
    taken = interleaved(
        MORE_ROUNDS * stand.rounds,
        listing=lambda: run([INV, "--list"]),
        python=lambda: run([sys.executable, "-c", "pass"]),
    )
    name, limit = "inv --list", "python -c pass"
    rows = [Row(name, "s", taken["listing"], limit, taken["python"], at_most_more(0.25, "s"))]
    with own_stack(DEV, nullcontext) as dev:
        keep_bytecode(dev.project.root)
        time.sleep(SETTLING_SECONDS)
        rows.append(_status(dev.project, stand))
    return [*rows, _status(stand.project, stand)]


def _status(project: Project, stand: Stand) -> Row:
    run = partial(seconds, cwd=project.root, env=variables(project))
    taken = interleaved(
        MORE_ROUNDS * stand.rounds,
        status=lambda: run([INV, f"{project.mode.name}.status"]),
        ps=lambda: run(project.command("ps")),
    )
    name = f"inv {project.mode.name}.status"
    return Row(name, "s", taken["status"], "docker compose ps", taken["ps"], at_most(5))


def warm(stand: Stand) -> list[Row]:
    """`inv prod` while all of it runs and nothing has changed."""
    keep_bytecode(stand.root)
    run = partial(seconds, cwd=stand.root, env=variables(stand.project))
    taken = interleaved(
        stand.rounds,
        inv=lambda: run([INV, "prod"]),
        compose=lambda: run(stand.project.command("up", "--detach", "--wait")),
    )
    words = "docker compose up --detach --wait"
    figures, limits = taken["inv"], taken["compose"]
    return [Row("inv prod, nothing changed", "s", figures, words, limits, at_most(1.6))]
