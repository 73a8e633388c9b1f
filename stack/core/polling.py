"""Waiting for a condition, with a limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


class NeverHappened(TimeoutError):
    """The condition did not become true within its limit."""


def wait_until(
    what: str,
    condition: Callable[[], Found | None],
    *,
    seconds: float,
    every: float = 0.1,
    ignoring: tuple[type[Exception], ...] = (),
) -> Found:
    """Call `condition` every `every` seconds until it returns something true, and return that.

    Exceptions in `ignoring` count as "not yet". Raises NeverHappened after `seconds`, with the
    last answer or error in its text.
    """
    limit = time.monotonic() + seconds
    last: object
    while True:
        try:
            if found := condition():
                return found
            last = found
        except ignoring as error:
            last = error
        if time.monotonic() >= limit:
            raise NeverHappened(f"{what}: not within {seconds:g} s (last seen: {last!r})")
        time.sleep(every)
