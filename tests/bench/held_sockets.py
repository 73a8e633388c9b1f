"""Many WebSockets at once, held by a process of their own, which takes orders line by line."""

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
from tests.bench.testbed import Testbed

LIMIT = 300
"""The limit for one order; opening 10,000 on a slow machine takes two minutes."""


class HeldSockets:
    """The process that holds the sockets."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, order: str) -> dict[str, Any]:
        """Send one order of socket_client.py; return its answer."""
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
    testbed: Testbed, port: int, count: int, sessions: Sequence[str] = ()
) -> Iterator[tuple[HeldSockets, dict[str, Any]]]:
    """Hold `count` sockets; yields them, their number, and the seconds that it took.

    They share `sessions`, by default the logged-in admin's.
    """
    own = testbed.panel.session_cookie
    cookies = [f"{own.name}={key}" for key in sessions or [str(own.value)]]
    with process(testbed.pid, port, count) as held:
        yield held, held.ask(f"open {' '.join(cookies)}")


@contextmanager
def process(pid: int, port: int, count: int) -> Iterator[HeldSockets]:
    """A process that is to hold so many sockets to a port of `pid`'s container."""
    argv = [sys.executable, "-m", "tests.bench.socket_client", str(port), str(count)]
    started = subprocess.Popen(
        [*wrk.entering(pid), *argv],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield HeldSockets(started)
    finally:
        started.kill()
        started.wait()
