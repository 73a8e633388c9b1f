"""Many WebSockets at once, held by a process of their own that is told what to do line by line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stack.console import Failure
from stack.modes import ROOT
from tests.bench import wrk
from tests.bench.stand import Stand


class Held:
    """The sockets, as seen from here."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, order: str) -> dict[str, Any]:
        """Give one order of socket_client.py; its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(order + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise Failure("The WebSockets' client has ended.", "See what it says above.")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def sockets(stand: Stand, url: str, count: int) -> Iterator[tuple[Held, dict[str, Any]]]:
    """Hold `count` sockets; yields them, and how many there are after how many seconds."""
    cookie = stand.cookie.removeprefix("Cookie: ")
    argv = [sys.executable, "-m", "tests.bench.socket_client", url, str(count), cookie]
    process = subprocess.Popen(
        [*wrk.entering(stand.pid), *argv],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    held = Held(process)
    try:
        yield held, held.ask("open")
    finally:
        process.kill()
        process.wait()
