"""The stack's log as one stream, or one program's lines of it."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterable, Iterator

from stack.commands import run_attached
from stack.modes import Stack


def show(stack: Stack, program: str | None, *, tail: str, follow: bool) -> int:
    """Print the log to standard output; `program` is a service, or a program in `app`."""
    options = ["--tail", tail, *(["--follow"] if follow else [])]
    if program in {None, "app", "db"}:
        argv = stack.compose("logs", *options, *([program] if program else []))
        with contextlib.suppress(KeyboardInterrupt):
            return run_attached(argv, cwd=stack.root, env=stack.variables)
        return 0
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
    except KeyboardInterrupt:
        return 0
    finally:
        process.terminate()
        process.wait()


def of_program(log: Iterable[str], program: str) -> Iterator[str]:
    """The lines that `log-prefix` has marked as the program's."""
    return (line for line in log if line.partition("|")[0].strip() == program)
