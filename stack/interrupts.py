"""Being interrupted by a person, by the end of a session, or by the system going down."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def as_one() -> Iterator[None]:
    """SIGTERM and SIGHUP are Ctrl-C while the block runs: what cleans up after one does for all."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    usual = {n: signal.signal(n, interrupt) for n in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)


@contextmanager
def held_back() -> Iterator[None]:
    """Nothing interrupts the block, which is on the way back already."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    usual = {n: signal.signal(n, signal.SIG_IGN) for n in numbers}
    try:
        yield
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
