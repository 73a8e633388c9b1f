"""Load by wrk from the container's own network, without a bridge or a published port."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from stack.core.console import Failure
from stack.engine import debian

PROGRAM = Path("/usr/bin/wrk")
SCRIPT = Path(__file__).with_name("wrk.lua")

SECONDS = 2
"""The duration of one measurement."""


@dataclass(frozen=True)
class Load:
    """The requests of wrk."""

    url: str
    headers: tuple[str, ...] = ()
    connections: int = 32
    threads: int = 2
    pause_ms: int = 0
    """The pause of a connection before each request."""
    files: int = 0
    """If not 0, `url` is a folder with this number of files: 0.js, 1.js, …"""


@dataclass(frozen=True)
class Result:
    """The result. Latencies are in seconds, without the pauses."""

    rate: float
    p50: float
    p99: float
    slowest: float
    processor: float = 0.0
    """Processor seconds of the container for each request, if measured."""
    requests: int = 0


def ensure() -> None:
    """Install wrk if it is missing. Raises Failure if that is impossible."""
    if not PROGRAM.exists():
        if debian.release() is None or not debian.is_root():
            raise Failure(
                "The load comes from wrk, which is not installed here.",
                "On Debian or Ubuntu, as root: apt-get install wrk",
            )
        debian.update()
        debian.install("wrk")
    if not debian.is_root():
        raise Failure(
            "Only root may enter a container's network, which is where the load comes from.",
            "Run it as root: sudo ./bootstrap nox -s bench",
        )


def entering(pid: int) -> list[str]:
    """The command line that runs a command in the network of the process `pid`."""
    return ["nsenter", f"--net=/proc/{pid}/ns/net", "--"]


def run(pid: int, load: Load, seconds: float = SECONDS) -> Result:
    """Run wrk for `seconds`. Raises Failure if an answer is missing or not 2xx or 3xx."""
    argv = [str(PROGRAM), "--threads", str(load.threads), "--connections", str(load.connections)]
    argv += [
        "--duration",
        f"{max(1, round(seconds))}s",
        "--timeout",
        "10s",
        "--script",
        str(SCRIPT),
    ]
    for header in load.headers:
        argv += ["--header", header]
    answer = subprocess.run(
        [*entering(pid), *argv, load.url],
        env={**os.environ, "PAUSE_MS": str(load.pause_ms), "FILES": str(load.files)},
        capture_output=True,
        text=True,
        timeout=seconds + 30,
        check=False,
    )
    if answer.returncode != 0 or not answer.stdout:
        raise Failure(f"wrk cannot ask {load.url}: {answer.stderr.strip()}", "Type: inv doctor")
    found = json.loads(answer.stdout.splitlines()[-1])
    if found["refused"] or found["failed"] or not found["requests"]:
        raise Failure(
            f"{load.url} was not answered well: {found}", "Look at the stack's log above."
        )
    rate = 1e6 * found["requests"] / found["us"]
    p50, p99, slowest = (found[name] / 1e6 for name in ("p50", "p99", "max"))
    return Result(rate, p50, p99, slowest, requests=found["requests"])


def together(pid: int, loads: Sequence[Load], seconds: float = SECONDS) -> list[Result]:
    """Run several loads at the same time."""
    with ThreadPoolExecutor(len(loads)) as threads:
        return list(threads.map(lambda load: run(pid, load, seconds), loads))
