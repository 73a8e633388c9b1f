"""The stack's log as one stream, or one program's lines of it.

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
from typing import TYPE_CHECKING

from stack.compose.project import Project
from stack.compose.status import programs
from stack.core.console import Failure, say
from stack.core.process import pasteable

if TYPE_CHECKING:
    from docker.models.containers import Container

ERASE_LINE = re.compile(r"\x1b\[[0-9;]*K")
"""Docker Compose 2.26 begins each line with this, also where its output is no terminal."""

OF_COMPOSE = re.compile(r"^(?P<service>\S+?)-\d+ +\| ?(?P<line>.*)$", re.S)
"""How Docker Compose names the container of a line, e.g. `db-1   | ready`."""

STOP_SECONDS = 5

OTHERS = 20
"""Roughly one app log line in 20 belongs to any one program, so 20 times `tail` are fetched."""

COLOURS = (36, 33, 35, 32, 34, 96, 93, 95, 92, 94)
"""Of a terminal, in the order in which programs first speak; red is for errors."""


def show(project: Project, program: str | None, *, tail: str, follow: bool) -> int:
    """Print the log to standard output; `program` is a service, or a program in `app`.

    Raises Failure when there are no containers, or no such program.
    """
    found = project.containers()
    is_service = program in {None, *found}
    if not found or not (is_service or "app" in found):
        raise Failure(
            f"The {project.mode.name} stack does not run.", f"Type: inv {project.mode.name}"
        )
    if not is_service:
        _require_program(project, found["app"], program or "")
    require_tail(tail)
    if not is_service and tail.isdigit():
        tail = str(int(tail) * OTHERS)
    options = ["--no-color", "--tail", tail, *(["--follow"] if follow else [])]
    service = program if is_service else "app"
    arguments = ("logs", *options, *([service] if service else []))
    say(f"$ {pasteable(project.command(*arguments), project.variables)}", style="dim")
    return _print(project, arguments, None if is_service else program)


def _print(project: Project, arguments: tuple[str, ...], program: str | None) -> int:
    """Run `docker compose logs` and print its lines, or one program's, until it is interrupted."""
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
    if is_colourful():
        lines = painted(lines)
    try:
        for line in lines:
            print(line, end="", flush=True)
        return process.wait()
    except (KeyboardInterrupt, BrokenPipeError):
        # The reader has closed the pipe. Python would report that again at its own end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """End Docker's command line and Compose, the plugin that it runs.

    A signal to the command line alone does not reach the plugin that it waits for.
    """
    if os.name != "posix":
        process.terminate()
        process.wait()
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
            return


def require_tail(tail: str) -> None:
    """Raise Failure unless it is a number, or `all`."""
    if tail != "all" and not tail.isdigit():
        raise Failure(f"{tail!r} is no number of lines.", "Type for example: --tail 100")


def _require_program(project: Project, app: Container, program: str) -> None:
    """Raise Failure when the app container runs and has no such program."""
    known = {str(state["program"]) for state in programs(app)}
    if known and program not in known:
        raise Failure(
            f"There is no program {program} in the {project.mode.name} stack.",
            f"Type one of: {', '.join(sorted(known))}, app, db",
        )


def named(log: Iterable[str]) -> Iterator[str]:
    """Docker Compose's lines with a program's name in front, `db         | ready`, and no more."""
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
    """Whether a person looks at the output, and wants colours."""
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
