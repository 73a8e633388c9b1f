"""The stack's log as one stream, or one program's lines of it."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from stack.commands import run_attached
from stack.console import Failure
from stack.lifecycle import containers
from stack.modes import Stack
from stack.status import programs

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container

ERASE_LINE = re.compile(r"\x1b\[[0-9;]*K")
"""Docker Compose 2.26 begins each line with this, also where its output is no terminal."""

OTHERS = 20
"""Of so many lines of the app container about one is the wanted program's."""


def show(
    stack: Stack, client: DockerClient, program: str | None, *, tail: str, follow: bool
) -> int:
    """Print the log to standard output; `program` is a service, or a program in `app`.

    Raises Failure when there are no containers, or no such program.
    """
    found = containers(stack, client)
    if not found:
        raise Failure(f"The {stack.mode.name} stack does not run.", f"Type: inv {stack.mode.name}")
    if program not in {None, *found}:
        _require_program(stack, found["app"], program or "")
    require_tail(tail)
    options = ["--tail", tail, *(["--follow"] if follow else [])]
    if program in {None, *found}:
        argv = stack.compose("logs", *options, *([program] if program else []))
        with contextlib.suppress(KeyboardInterrupt):
            return run_attached(argv, cwd=stack.root, env=stack.variables)
        return 0
    if tail.isdigit():
        options[1] = str(int(tail) * OTHERS)
    argv = stack.compose("logs", "--no-log-prefix", "--no-color", *options, "app")
    process = subprocess.Popen(
        argv,
        cwd=stack.root,
        stdout=subprocess.PIPE,
        text=True,
        errors="replace",
        env={**os.environ, **stack.variables},
    )
    assert process.stdout is not None
    try:
        for line in of_program(process.stdout, program or ""):
            print(line, end="", flush=True)
        return process.wait()
    except (KeyboardInterrupt, BrokenPipeError):
        # Whoever reads has had enough. Python would complain once more when it closes its output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        process.terminate()
        process.wait()


def require_tail(tail: str) -> None:
    """Raise Failure unless it is a number, or `all`."""
    if tail != "all" and not tail.isdigit():
        raise Failure(f"{tail!r} is no number of lines.", "Type for example: --tail 100")


def _require_program(stack: Stack, app: Container, program: str) -> None:
    """Raise Failure when the app container runs and has no such program."""
    known = {str(state["program"]) for state in programs(app)}
    if known and program not in known:
        raise Failure(
            f"There is no program {program} in the {stack.mode.name} stack.",
            f"Type one of: {', '.join(sorted(known))}, app, db",
        )


def of_program(log: Iterable[str], program: str) -> Iterator[str]:
    """The lines that `log-prefix` has marked as the program's."""
    plain = (ERASE_LINE.sub("", line) for line in log)
    return (line for line in plain if line.partition("|")[0].strip() == program)
