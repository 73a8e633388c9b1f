"""Commands at the prompt: `inv --list`, `.status`, and `inv prod` without a change."""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from stack.compose import lifecycle
from stack.compose.project import Project
from stack.config import project_name
from stack.config.modes import DEV
from tests.bench.rounds import interleaved
from tests.bench.row import Row, at_most
from tests.bench.testbed import Testbed
from tests.bench.timing import seconds
from tests.support.invoke import environment
from tests.support.own_stack import own_stack

INV = str(Path(sys.executable).with_name("inv"))

WITHOUT_PIPELINE_VARIABLES = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONUNBUFFERED": ""}
"""Variables that pipelines and images may set, and a user's shell does not."""

MORE_ROUNDS = 3
"""Factor for the rounds of these short paths, which other load on the machine disturbs more."""

ONE_TASK = "from invoke.tasks import task\n\n\n@task\ndef nothing(ctx): ...\n"

SETTLING_SECONDS = 10
"""The pause after development's start, in which Vite reads the page's modules."""


def variables(project: Project) -> dict[str, str]:
    """The environment of Docker Compose, with the base images and the digests that inv adds."""
    name = project.name.removesuffix(f"-{project.mode.name}")
    prepared = lifecycle.prepare(project, tell=False)
    return {**prepared.environment, project_name.VARIABLE: name, **WITHOUT_PIPELINE_VARIABLES}


def keep_bytecode(root: Path) -> None:
    """Write the bytecode that earlier commands leave in a checkout. Root does not own the copy, so
    its commands leave none.
    """
    seconds([sys.executable, "-m", "compileall", "-q", "stack"], root)


def prompt(testbed: Testbed) -> list[Row]:
    """Commands that only report."""
    keep_bytecode(testbed.root)
    run = partial(seconds, [INV, "--list"], env=WITHOUT_PIPELINE_VARIABLES)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "tasks.py").write_text(ONE_TASK, encoding="utf-8")
        taken = interleaved(
            MORE_ROUNDS * testbed.rounds,
            ours=lambda: run(cwd=testbed.root),
            empty=lambda: run(cwd=Path(folder)),
        )
    limit = "inv --list of one empty task"
    rows = [Row("inv --list", "s", taken["ours"], limit, taken["empty"], at_most(1.5))]
    with own_stack(DEV, nullcontext) as dev:
        keep_bytecode(dev.project.root)
        time.sleep(SETTLING_SECONDS)
        rows.append(_status(dev.project, testbed))
    return [*rows, _status(testbed.project, testbed)]


def _status(project: Project, testbed: Testbed) -> Row:
    inv = environment(project, **WITHOUT_PIPELINE_VARIABLES)
    taken = interleaved(
        MORE_ROUNDS * testbed.rounds,
        status=lambda: seconds([INV, f"{project.mode.name}.status"], project.root, inv),
        ps=lambda: seconds(project.command("ps"), project.root, project.environment),
    )
    name = f"inv {project.mode.name}.status"
    return Row(name, "s", taken["status"], "docker compose ps", taken["ps"], at_most(5))


def warm(testbed: Testbed) -> list[Row]:
    """`inv prod` while production runs and nothing has changed."""
    keep_bytecode(testbed.root)
    inv = environment(testbed.project, **WITHOUT_PIPELINE_VARIABLES)
    compose = variables(testbed.project)
    up = testbed.project.command("up", "--detach", "--wait")
    taken = interleaved(
        testbed.rounds,
        inv=lambda: seconds([INV, "prod"], testbed.root, inv),
        compose=lambda: seconds(up, testbed.root, compose),
    )
    words = "docker compose up --detach --wait"
    figures, limits = taken["inv"], taken["compose"]
    return [Row("inv prod, nothing changed", "s", figures, words, limits, at_most(1.6))]
