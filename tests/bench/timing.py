"""The duration of a command."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from stack.core.console import Failure, print_output

LIMIT = 900
"""Seconds after which a command is ended; the slowest, a build with a cold cache, takes minutes."""


def seconds(argv: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None) -> float:
    """Run a command to its end. Print its last lines and raise Failure when it fails.

    Raises subprocess.TimeoutExpired after LIMIT.
    """
    started = time.monotonic()
    done = subprocess.run(
        argv,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    taken = time.monotonic() - started
    if done.returncode != 0:
        print_output(done.stdout.splitlines()[-20:])
        raise Failure(f"{argv[0]} ended with status {done.returncode}.", "See what it says above.")
    return taken
