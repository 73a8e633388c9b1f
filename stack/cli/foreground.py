"""Starting a stack and showing its log until Ctrl-C, which stops it in development."""

from __future__ import annotations

import contextlib
import errno
import threading
from collections.abc import Iterator
from pathlib import Path

from invoke.exceptions import Exit

from stack.cli import first_visit
from stack.cli.runner import Runner, show_status
from stack.compose.checkout import with_debugpy
from stack.compose.project import Project
from stack.config import settings
from stack.config.modes import DEBUGPY_PORT, PROD
from stack.core import signals
from stack.core.console import say

LOOK_SECONDS = 1.0
"""Between looks at `.env`: not every file system reports a save."""


def start(runner: Runner, *, detach: bool, debugpy: bool) -> None:
    """Start the stack, print its address, and show its log unless it is detached or production.

    Where the panel cannot be reached then, the exit status is 1, and the stack goes on.
    """
    if debugpy:
        runner.project = with_debugpy(runner.project)
    settings.require_valid(runner.project.root)
    stays = runner.project.mode is PROD
    with signals.interrupt_once():
        try:
            runner.up()
            if not show_status(runner):
                raise Exit(code=1)
            if stays:
                first_visit.show_token(runner)
            if debugpy:
                say(f"An editor attaches to localhost:{DEBUGPY_PORT} (/app/backend there)")
            if not stays and not detach:
                follow(runner)
        except KeyboardInterrupt:
            if not stays:
                runner.stop()
            verb = f"inv {runner.project.mode.name}.status"
            raise Exit(f"✗ Interrupted.\n  → See what runs: {verb}", 130) from None


def follow(runner: Runner) -> None:
    """Show the log until it is interrupted; then stop the stack."""
    try:
        with contextlib.suppress(KeyboardInterrupt), report_saves(runner.project):
            say("Ctrl-C stops the stack.", style="dim")
            runner.logs(None, tail="0", follow=True)
    except OSError as error:
        if error.errno != errno.EIO:  # the terminal is gone
            raise
    finally:
        signals.let_go_of_a_closed_terminal()
        runner.stop()


@contextlib.contextmanager
def report_saves(project: Project) -> Iterator[None]:
    """During the block, say when `.env` is saved: processes read it when they start."""
    file, verb = project.root / ".env", f"inv {project.mode.name}"
    ended = threading.Event()

    def look() -> None:
        seen = _saved_at(file)
        while not ended.wait(LOOK_SECONDS):
            if (now := _saved_at(file)) != seen:
                seen = now
                say(f"{file.name} was saved; to use it: Ctrl-C, then {verb}", style="bold")

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _saved_at(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0
