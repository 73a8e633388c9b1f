"""Measurements in turn, so that each side of a comparison meets the same machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Taken = TypeVar("Taken")


def interleaved(rounds: int, **sides: Callable[[], Taken]) -> dict[str, list[Taken]]:
    """The results of each side, `rounds` times. Every other round begins with the last side.

    A first round warms caches and is not counted, if there is more than one.
    """
    taken: dict[str, list[Taken]] = {name: [] for name in sides}
    for number in range(rounds + (rounds > 1)):
        turn = list(sides.items())
        for name, measure in turn if number % 2 == 0 else reversed(turn):
            result = measure()
            if number > 0 or rounds == 1:
                taken[name].append(result)
    return taken
