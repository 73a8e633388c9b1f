#!/usr/bin/env python3
"""breakpoints.py: attach this terminal to a waiting breakpoint, or to the next one.

A process under supervisord has no terminal for pdb, and debugpy has no client for a terminal. So
`breakpoint()` listens on a socket beside supervisord's and logs that it waits; `inv dev.attach`
connects to it. The process continues when the user says so or disconnects. Only the thread at the
breakpoint waits; in a view that is one request.
"""

from __future__ import annotations

import contextlib
import os
import pdb
import select
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TextIO, cast

FOLDER = Path(os.environ.get("RUN_DIR", "/run/app"))
POLL_SECONDS = 0.2


class Terminal:
    """The input and output of an attached terminal. When it disconnects, pdb reads `continue`."""

    def __init__(self, connection: socket.socket) -> None:
        self.reader = connection.makefile("r", encoding="utf-8", errors="replace")
        self.writer = connection.makefile("w", encoding="utf-8", errors="replace")
        self.is_open = True

    def readline(self) -> str:
        line = ""
        with contextlib.suppress(OSError):
            line = self.reader.readline()
        self.is_open = self.is_open and bool(line)
        return line or "continue\n"

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self.writer.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self.writer.flush()


class Breakpoints:
    """A hook for `breakpoint()`; several threads attach one after another."""

    def __init__(self) -> None:
        self.one_at_a_time = threading.Lock()
        self.debugger: pdb.Pdb | None = None
        self.terminal: Terminal | None = None

    def __call__(self, *, header: str | None = None) -> None:
        frame = sys._getframe(1)
        with self.one_at_a_time:
            if self.terminal is None or not self.terminal.is_open or not self.debugger:
                place = f"{os.path.relpath(frame.f_code.co_filename)}:{frame.f_lineno}"
                self.terminal = _accept_terminal(place)
                lines = cast(TextIO, self.terminal)  # as much of it as pdb uses
                self.debugger = pdb.Pdb(stdin=lines, stdout=lines, nosigint=True)
                self.debugger.prompt = "(pdb) "
            if header:
                self.debugger.message(header)
        self.debugger.set_trace(frame)


def wait_for_a_terminal() -> None:
    """Have `breakpoint()` in this process wait for `inv dev.attach`."""
    if "PYTHONBREAKPOINT" not in os.environ and not sys.stdin.isatty():
        sys.breakpointhook = Breakpoints()


def _accept_terminal(place: str) -> Terminal:
    path = FOLDER / f"breakpoint-{os.getpid()}.sock"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen(1)
        print(f"breakpoint at {place} waits for you. Type: inv dev.attach", flush=True)
        try:
            return Terminal(listening.accept()[0])
        finally:
            path.unlink(missing_ok=True)


def attach() -> int:
    """Connect this terminal to a waiting breakpoint, or to the next one."""
    print("Waiting for a breakpoint; Ctrl-C ends this.", file=sys.stderr, flush=True)
    while True:
        for path in FOLDER.glob("breakpoint-*.sock"):
            with (
                contextlib.suppress(FileNotFoundError),
                socket.socket(socket.AF_UNIX) as connection,
            ):
                try:
                    connection.connect(str(path))
                except ConnectionRefusedError:  # the process was killed at its breakpoint
                    path.unlink()
                else:
                    return _relay(connection, sys.stdin)
        time.sleep(POLL_SECONDS)


def _relay(debugger: socket.socket, keyboard: TextIO) -> int:
    """Copy both ways until either side ends."""
    sources: list[socket.socket | TextIO] = [debugger, keyboard]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if debugger in ready:
            output = debugger.recv(65536)
            if not output:
                return 0
            os.write(sys.stdout.fileno(), output)
        if keyboard in ready:
            typed = os.read(keyboard.fileno(), 65536)
            if not typed:  # Ctrl-D
                return 0
            debugger.sendall(typed)


if __name__ == "__main__":
    try:
        sys.exit(attach())
    except KeyboardInterrupt:
        sys.exit(0)
