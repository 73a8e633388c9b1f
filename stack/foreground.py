"""`inv dev` in the foreground: the log until Ctrl-C, and then nothing is left of the stack."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from stack import lifecycle, logs
from stack.console import say
from stack.modes import Stack

if TYPE_CHECKING:
    from docker import DockerClient

STOP_SECONDS = 3
"""How long each container may take to stop; nothing that matters happens in development then."""

LOOK_SECONDS = 1.0
"""Between looks at `.env`, which no event of a file system announces everywhere."""


def follow(stack: Stack, client: DockerClient) -> None:
    """Show the log until somebody ends it; then stop and remove the containers."""
    say("Ctrl-C stops the stack.", style="dim")
    try:
        with contextlib.suppress(KeyboardInterrupt), saves_told(stack.root / ".env"):
            logs.show(stack, client, None, tail="0", follow=True)
    finally:
        stop(stack)


def stop(stack: Stack) -> None:
    """Remove the containers within a few seconds; the data stays."""
    lifecycle.down(stack, seconds=STOP_SECONDS)


@contextlib.contextmanager
def saves_told(file: Path) -> Iterator[None]:
    """While the block lasts, say when the settings are saved: containers read them at a start."""
    ended = threading.Event()

    def look() -> None:
        seen = _saved_at(file)
        while not ended.wait(LOOK_SECONDS):
            if (now := _saved_at(file)) != seen:
                seen = now
                say(f"{file.name} was saved; a start reads it: Ctrl-C, then inv dev", style="bold")

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
