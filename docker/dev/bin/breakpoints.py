#!/usr/bin/env python3
"""breakpoints.py: join the breakpoint that a program waits at, or the next one; `inv dev.attach`.

A program under supervisord has no terminal for pdb. So its `breakpoint()` opens a socket beside
supervisord's, says in the log that it waits, and goes on when somebody who has joined lets it, or
has gone. Only the thread at the breakpoint waits; in a view that is one request.
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
from typing import TextIO

FOLDER = Path(os.environ.get("RUN_DIR", "/run/app"))
EVERY_SECONDS = 0.2


class Terminal:
    """The lines of whoever has joined. One who leaves lets the program go on."""

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
    """What `breakpoint()` calls: one at a time, in the order of their arrival."""

    def __init__(self) -> None:
        self.one_at_a_time = threading.Lock()
        self.debugger: pdb.Pdb | None = None
        self.terminal: Terminal | None = None

    def __call__(self, *, header: str | None = None) -> None:
        frame = sys._getframe(1)
        with self.one_at_a_time:
            if self.terminal is None or not self.terminal.is_open or not self.debugger:
                place = f"{os.path.relpath(frame.f_code.co_filename)}:{frame.f_lineno}"
                self.terminal = _joined(place)
                self.debugger = pdb.Pdb(stdin=self.terminal, stdout=self.terminal, nosigint=True)
                self.debugger.prompt = "(pdb) "
            if header:
                self.debugger.message(header)
        self.debugger.set_trace(frame)


def wait_for_a_terminal() -> None:
    """Make `breakpoint()` of this process wait for `inv dev.attach`."""
    if "PYTHONBREAKPOINT" not in os.environ and not sys.stdin.isatty():
        sys.breakpointhook = Breakpoints()


def _joined(place: str) -> Terminal:
    path = FOLDER / f"breakpoint-{os.getpid()}.sock"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(path))
        door.listen(1)
        print(f"breakpoint at {place} waits for you. Type: inv dev.attach", flush=True)
        try:
            return Terminal(door.accept()[0])
        finally:
            path.unlink(missing_ok=True)


def attach() -> int:
    """Connect this terminal to the breakpoint that waits, or to the next one."""
    print("Waiting for a breakpoint; Ctrl-C ends this.", file=sys.stderr, flush=True)
    while True:
        for path in FOLDER.glob("breakpoint-*.sock"):
            with contextlib.suppress(FileNotFoundError), socket.socket(socket.AF_UNIX) as door:
                try:
                    door.connect(str(path))
                except ConnectionRefusedError:  # of a program that was killed at its breakpoint
                    path.unlink()
                else:
                    return _relay(door, sys.stdin)
        time.sleep(EVERY_SECONDS)


def _relay(program: socket.socket, keyboard: TextIO) -> int:
    """Pass lines both ways until either side ends."""
    sources = [program, keyboard]
    while True:
        ready, _, _ = select.select(sources, [], [])
        if program in ready:
            said = program.recv(65536)
            if not said:
                return 0
            os.write(sys.stdout.fileno(), said)
        if keyboard in ready:
            typed = os.read(keyboard.fileno(), 65536)
            if not typed:  # Ctrl-D
                return 0
            program.sendall(typed)


if __name__ == "__main__":
    try:
        sys.exit(attach())
    except KeyboardInterrupt:
        sys.exit(0)
