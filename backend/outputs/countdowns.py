"""Times that end although the system's clock is set."""

import datetime as dt
from collections.abc import Hashable

from django.utils import timezone

from alarm.clock import steady_time


class Countdowns:
    """The clock is read once, when a countdown is first seen; then a steady clock counts.

    Call `begin_look` first, then `remaining` for each: those that are not asked for are forgotten.
    """

    def __init__(self) -> None:
        self._ends: dict[Hashable, float] = {}
        self._kept: dict[Hashable, float] = {}

    def begin_look(self) -> None:
        self._ends, self._kept = self._kept, {}

    def remaining(self, key: Hashable, start: dt.datetime | None, seconds: float) -> float:
        """Return the seconds until `seconds` after `start`, never more than `seconds`."""
        if start is None:
            return 0.0
        name = (key, start, seconds)
        ends = self._kept.get(name) or self._ends.get(name)
        if ends is None:
            passed = (timezone.now() - start).total_seconds()
            ends = steady_time() + seconds - min(max(passed, 0.0), seconds)
        self._kept[name] = ends
        return ends - steady_time()
