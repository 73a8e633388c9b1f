"""The log of the whole stack, or of one program.

Each line begins with its program's name: those of the app container have it from `log-prefix`,
another service's get theirs here. Colour is added here as well, on a terminal only, so that
`docker logs` stays plain text.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator

from stack.compose.project import Project
from stack.compose.status import no_program, programs
from stack.core import signals
from stack.core.console import Failure, say
from stack.core.process import shell_command

ERASE_LINE = re.compile(r"\x1b\[[0-9;]*K")
"""Docker Compose 2.26 begins each line with this, also in a pipe."""

OF_COMPOSE = re.compile(r"^(?P<service>\S+?)-\d+ +\| ?(?P<line>.*)$", re.S)
"""How Docker Compose names the container of a line, e.g. `db-1   | ready`."""

STOP_SECONDS = 5

OTHERS = 20
"""Roughly one app log line in 20 belongs to any one program, so 20 times `tail` are fetched."""

COLOURS = (36, 33, 35, 32, 34, 96, 93, 95, 92, 94)
"""ANSI colours, in the order of the programs' first lines; red is for errors."""


def show(project: Project, program: str | None, *, tail: str, follow: bool) -> int:
    """Print the log to standard output; `program` is a service, or a program in `app`.

    Raises Failure when there are no containers, or no such program.
    """
    found = project.containers()
    service, process = (program, None) if program in {None, *found} else ("app", program)
    if not found or service not in {None, *found}:
        raise Failure(
            f"The {project.mode.name} stack does not run.", f"Type: inv {project.mode.name}"
        )
    require_tail(tail)
    if process:
        states = programs(found["app"])
        if states and process not in {state["program"] for state in states}:
            raise no_program(project, process, states)
        tail = str(int(tail) * OTHERS) if tail.isdigit() else tail
    options = ["--no-color", "--tail", tail, *(["--follow"] if follow else [])]
    arguments = ("logs", *options, *([service] if service else []))
    say(f"$ {shell_command(project.command(*arguments), project.variables)}", style="dim")
    return _print(project, arguments, process)


def _print(project: Project, arguments: tuple[str, ...], program: str | None) -> int:
    """Run `docker compose logs` and print its lines, or one program's, until Ctrl-C."""
    process = project.popen(
        *arguments,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    assert process.stdout is not None
    lines = named(process.stdout)
    if program is not None:
        lines = of_program(lines, program)
    try:
        return process.wait() if print_lines(lines) else 0
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """End Docker's command line and Compose, the plugin that it runs.

    A signal to the command line alone does not reach the plugin that it waits for.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
            return


def print_lines(log: Iterable[str]) -> bool:
    """Print a log, in colour on a terminal; False where Ctrl-C or a closed pipe has ended it."""
    try:
        for line in painted(log) if is_colourful() else log:
            print(line, end="", flush=True)
    except (KeyboardInterrupt, BrokenPipeError):
        signals.discard_output(sys.stdout.fileno())
        return False
    return True


def require_tail(tail: str) -> None:
    """Raise Failure unless it is a number, or `all`."""
    if tail != "all" and not tail.isdigit():
        raise Failure(f"{tail!r} is not a number of lines.", "Type for example: --tail 100")


def named(log: Iterable[str]) -> Iterator[str]:
    """Docker Compose's lines with the program's name alone in front: `db         | ready`."""
    for line in log:
        plain = ERASE_LINE.sub("", line)
        of_compose = OF_COMPOSE.match(plain)
        if of_compose is None:
            yield plain
        elif of_compose["service"] == "app":
            yield of_compose["line"]
        else:
            yield f"{of_compose['service']:10} | {of_compose['line']}"


def of_program(log: Iterable[str], program: str) -> Iterator[str]:
    """The lines that `log-prefix` has marked as the program's."""
    return (line for line in log if line.partition("|")[0].strip() == program)


def is_colourful() -> bool:
    """Whether the output is a terminal, and colours are not switched off."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def painted(log: Iterable[str]) -> Iterator[str]:
    """The lines with each program's name in a colour of its own."""
    colours: dict[str, int] = {}
    for line in log:
        name, bar, rest = line.partition("| ")
        if bar:
            colour = colours.setdefault(name.strip(), COLOURS[len(colours) % len(COLOURS)])
            yield f"\x1b[{colour}m{name}{bar}\x1b[0m{rest}"
        else:
            yield line
