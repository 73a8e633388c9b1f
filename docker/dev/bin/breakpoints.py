#!/usr/bin/env python3
"""breakpoints.py: attach this terminal to a waiting breakpoint, or to the next one.

A process under supervisord has no terminal for pdb, and debugpy has no client for a terminal. So
`breakpoint()` listens on a socket beside supervisord's and logs that it waits; `inv dev.attach`
connects to it. The process continues when the user says so or disconnects. Only the thread at the
breakpoint waits; in a view that is one request.
"""

from __future__ import annotations

import contextlib
import errno
import os
import pdb
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

FOLDER = Path(os.environ.get("RUN_DIR", "/run/app"))
POLL_SECONDS = 0.2
MODE = os.environ.get("INV_MODE", "dev")  # as in `inv dev`


class Debugger(pdb.Pdb):
    """pdb in an attached terminal."""

    def __init__(self, connection: socket.socket) -> None:
        # One text stream for both would drop the lines that it has read ahead at each write.
        reader: Any = connection.makefile("r", encoding="utf-8", errors="replace")
        writer: Any = connection.makefile("w", encoding="utf-8", errors="replace")
        super().__init__(stdin=reader, stdout=writer, nosigint=True)
        self.prompt = "(pdb) "
        self.is_attached = True

    def cmdloop(self, intro: Any = None) -> None:
        try:
            super().cmdloop(intro)
        except OSError:  # the terminal has disconnected
            self.do_EOF("")

    def do_EOF(self, arg: str) -> bool:
        """The end of the input: continue."""
        self.is_attached = False
        return bool(self.do_continue(arg))


class Breakpoints:
    """The hook that `breakpoint()` calls; several threads attach one after another."""

    def __init__(self) -> None:
        self.one_at_a_time = threading.Lock()
        self.debugger: Debugger | None = None

    def __call__(self, *, header: str | None = None) -> None:
        frame = sys._getframe(1)
        with self.one_at_a_time:
            if self.debugger is None or not self.debugger.is_attached:
                place = f"{os.path.relpath(frame.f_code.co_filename)}:{frame.f_lineno}"
                self.debugger = Debugger(accept_terminal(place))
            if header:
                self.debugger.message(header)
        self.debugger.set_trace(frame)


def accept_terminal(place: str) -> socket.socket:
    path = FOLDER / f"breakpoint-{os.getpid()}.sock"
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen(1)
        print(f"breakpoint at {place} waits for you. Type: inv {MODE}.attach", flush=True)
        try:
            return listening.accept()[0]
        finally:
            path.unlink(missing_ok=True)


def attach() -> None:
    """Connect this terminal to a waiting breakpoint, or to the next one."""
    print("Waiting for a breakpoint; Ctrl-C ends this.", file=sys.stderr, flush=True)
    while True:
        for path in FOLDER.glob("breakpoint-*.sock"):
            with socket.socket(socket.AF_UNIX) as debugger:
                match debugger.connect_ex(str(path)):
                    case 0:
                        relay(debugger)
                        return
                    case errno.ECONNREFUSED:  # the process was killed at its breakpoint
                        path.unlink(missing_ok=True)
        time.sleep(POLL_SECONDS)


def relay(debugger: socket.socket) -> None:
    """Copy both ways until either side ends; Ctrl-D ends the input."""

    def send_input() -> None:
        while typed := os.read(sys.stdin.fileno(), 65536):
            debugger.sendall(typed)
        debugger.shutdown(socket.SHUT_RDWR)

    threading.Thread(target=send_input, daemon=True).start()
    while output := debugger.recv(65536):
        os.write(sys.stdout.fileno(), output)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        attach()
