"""Many WebSockets at once, held by a process of their own that is told what to do line by line."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from stack.config.modes import ROOT
from stack.core.console import Failure
from tests.bench import wrk
from tests.bench.stand import Stand

LIMIT = 300
"""Seconds that an order may take; opening 10,000 on a slow machine takes two minutes."""


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
        has_answered, _, _ = select.select([self._process.stdout], [], [], LIMIT)
        line = self._process.stdout.readline() if has_answered else ""
        if not line:
            raise Failure("The WebSockets' client has ended, or hangs.", "See what it says above.")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def sockets(
    stand: Stand, port: int, count: int, sessions: Sequence[str] = ()
) -> Iterator[tuple[Held, dict[str, Any]]]:
    """Hold `count` sockets; yields them, and how many there are after how many seconds.

    They share `sessions`, by default the one of whoever is logged in.
    """
    keys = sessions or [stand.panel.http.cookies["sessionid"]]
    argv = [sys.executable, "-m", "tests.bench.socket_client", str(port), str(count)]
    process = subprocess.Popen(
        [*wrk.entering(stand.pid), *argv],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    held = Held(process)
    try:
        yield held, held.ask(f"open {' '.join(keys)}")
    finally:
        process.kill()
        process.wait()
