"""What the user reads: steps with elapsed seconds, tables, notes, and errors of two lines.

All but tables goes to standard error, so that standard output has only what was asked for. Colour
and spinners appear only on a terminal, and never when `NO_COLOR` is set.
"""

from __future__ import annotations

import atexit
import io
import os
import select
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from invoke.exceptions import Exit

from stack.core import signals

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console
    from rich.progress import Progress


class Failure(Exit):
    """An error that the user caused or can correct: what is wrong, then what to type.

    Invoke prints the message of an `Exit` and exits with its code, without a traceback.
    """

    def __init__(self, what: str, remedy: str, code: int = 1) -> None:
        """`what` and `remedy` are one line each; `code` is the exit status."""
        super().__init__(code=code)
        self.what = what
        self.remedy = remedy
        self.message = str(self)

    def __str__(self) -> str:
        return f"✗ {self.what}\n  → {self.remedy}"


def prepare_output() -> None:
    """No traceback where standard output is a closed pipe, or its encoding lacks a character.

    rich sees to the first by itself; this is for what Invoke and `print` write.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not (issubclass(kind, BrokenPipeError) and _is_without_reader(1)):
            sys.__excepthook__(kind, error, trace)

    def flush() -> None:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            signals.discard_output(1)

    sys.excepthook = hook
    atexit.register(flush)


def _is_without_reader(descriptor: int) -> bool:
    """Whether it is a pipe whose other end is closed."""
    poll = select.poll()
    poll.register(descriptor, 0)  # POLLERR is always reported
    return any(event & select.POLLERR for _, event in poll.poll(0))


@cache
def console() -> Console:
    """The terminal."""
    from rich.console import Console  # start-up time of inv --list

    plain = not sys.stderr.isatty() or "NO_COLOR" in os.environ
    return Console(
        stderr=True, highlight=False, soft_wrap=True, no_color=plain, force_terminal=not plain
    )


def say(text: str, style: str = "") -> None:
    """Print one line, without interpreting square brackets in it."""
    console().print(text, style=style, markup=False)


def require_terminal() -> None:
    """Raise Exit where there is none: for what asks late, before it begins."""
    if not sys.stdin.isatty():
        raise Exit("✗ There is no terminal to ask on.\n  → To go ahead, add: --yes", code=1)


def confirm(warning: str, word: str = "yes") -> bool:
    """Whether the user types `word` after the warning. Raises Exit where there is no terminal."""
    say(warning, style="bold red")
    require_terminal()
    try:
        return input(f"Type {word} to go ahead: ").strip().lower() == word
    except (EOFError, KeyboardInterrupt):
        return False


def print_output(lines: Iterable[str], style: str = "dim") -> None:
    """Print another program's output, indented, as it is."""
    for line in lines:
        say(f"  │ {line.rstrip()}", style=style)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a small table; on a pipe it has no borders, one row a line."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(cell, style=_cell_style(cell)) for cell in row))
    width = None if sys.stdout.isatty() else 200
    Console(highlight=False, no_color="NO_COLOR" in os.environ, width=width).print(shown)


def _cell_style(cell: str) -> str:
    good = {"ok", "healthy", "running"}
    bad = {"failed", "unhealthy", "exited", "fatal", "backoff"}
    return "green" if cell in good else "red" if cell in bad else ""


@contextmanager
def step(title: str) -> Iterator[Callable[[str], None]]:
    """Show `title` with its elapsed seconds while the block runs, and the total at its end.

    Yields a function that shows a detail (a short phrase) beside it. A block that raises leaves a
    line with its seconds, too.
    """
    started = time.monotonic()
    shown = console()

    def mark(sign: str, style: str) -> None:
        say(f"{sign} {title}  {time.monotonic() - started:.1f} s", style=style)

    try:
        if shown.is_terminal:
            with _running(title) as detail:
                yield lambda text: detail(text[: shown.width // 2])
        else:
            say(f"… {title}")
            yield lambda text: None
    except BaseException:
        mark("✗", "red")
        raise
    mark("✓", "green")


_steps_change = threading.Lock()


@cache
def _steps() -> Progress:
    """The one display of the steps that run, in all threads."""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[detail]}"),
        console=console(),
        transient=True,
    )


@contextmanager
def _running(title: str) -> Iterator[Callable[[str], None]]:
    """Show a step until the end of the block. Yields a function that shows its detail."""
    steps = _steps()
    with _steps_change:
        task = steps.add_task(title, total=None, detail="")
        steps.start()
    try:
        yield lambda detail: steps.update(task, detail=detail)
    finally:
        with _steps_change:
            steps.remove_task(task)
            if not steps.task_ids:
                steps.stop()


def run_in_parallel(*jobs: Callable[[], None]) -> None:
    """Run jobs at the same time, each in a thread; raise the first error when all have ended."""
    with ThreadPoolExecutor(len(jobs)) as threads:
        for job in [threads.submit(job) for job in jobs]:
            job.result()
