"""Starting a stack, and its log in the foreground: Ctrl-C stops what runs in development."""

from __future__ import annotations

import contextlib
import errno
import threading
from collections.abc import Iterator
from pathlib import Path

from invoke.exceptions import Exit

from stack.cli.runner import Runner, show_status
from stack.compose.checkout import with_debugpy
from stack.compose.project import Project
from stack.config.modes import DEBUGPY_PORT, PROD
from stack.core import signals
from stack.core.console import say

LOOK_SECONDS = 1.0
"""Between looks at `.env`, which no event of a file system announces everywhere."""


def start(runner: Runner, *, detach: bool, debugpy: bool) -> None:
    """Start the stack, say where it is, and show its log unless it is production or detached."""
    if debugpy:
        runner.project = with_debugpy(runner.project)
    stays = runner.project.mode is PROD
    with signals.interrupt_once():
        try:
            runner.up()
            show_status(runner)
            say(f"Open {runner.project.url}", style="bold green")
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
        with contextlib.suppress(KeyboardInterrupt), saves_told(runner.project):
            say("Ctrl-C stops the stack.", style="dim")
            runner.logs(None, tail="0", follow=True)
    except OSError as error:
        if error.errno != errno.EIO:  # the terminal is gone
            raise
    finally:
        signals.let_go_of_a_closed_terminal()
        runner.stop()


@contextlib.contextmanager
def saves_told(project: Project) -> Iterator[None]:
    """While the block lasts, say when the settings are saved: programs read them at a start."""
    file, verb = project.root / ".env", f"inv {project.mode.name}"
    ended = threading.Event()

    def look() -> None:
        seen = _saved_at(file)
        while not ended.wait(LOOK_SECONDS):
            if (now := _saved_at(file)) != seen:
                seen = now
                say(f"{file.name} was saved; a start reads it: Ctrl-C, then {verb}", style="bold")

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
