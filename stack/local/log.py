"""The log of a stack without containers: one file, each line with its program's name."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from stack.compose.logs import of_program, print_lines
from stack.core.polling import wait_until


def last_lines(file: Path, count: int) -> list[str]:
    """The last lines of the file, if there is one."""
    if not file.exists():
        return []
    with file.open(encoding="utf-8", errors="replace") as stream:
        return list(deque(stream, maxlen=count))


def show(file: Path, program: str | None, tail: int | None, goes_on: Callable[[], bool]) -> int:
    """Print the last `tail` lines (None: all) and, while `goes_on`, new ones.

    `program` is one of the programs, or `app` for all but the database.
    """
    print_lines(_of(program, _follow(file, program, tail, goes_on)))
    return 0


def _of(program: str | None, log: Iterator[str]) -> Iterator[str]:
    if program is None:
        return log
    if program == "app":
        return (line for line in log if line.partition("|")[0].strip() != "db")
    return of_program(log, program)


def _follow(
    file: Path, program: str | None, tail: int | None, goes_on: Callable[[], bool]
) -> Iterator[str]:
    with file.open(encoding="utf-8", errors="replace") as stream:
        yield from deque(_of(program, iter(stream)), maxlen=tail)
        line = ""

        def is_whole() -> bool:
            """Whether there is a whole line, or there will be none."""
            nonlocal line
            line += stream.readline()
            if not line and file.stat().st_size < stream.tell():
                stream.seek(0)  # a restart has emptied the file
            return line.endswith("\n") or not goes_on()

        while wait_until("a line of the log", is_whole, seconds=float("inf")):
            if not line:
                return
            yield line
            line = ""
