"""One row of the table: a figure, the limit it is compared with, and the budget between the two."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Budget:
    """What a figure may be, given its limit: a ratio, a sum, or a number of its own."""

    text: str
    kept: Callable[[float, float], bool]
    """Whether it is kept, from the two medians."""


def at_least(ratio: float) -> Budget:
    """The figure is at least `ratio` of the limit."""
    return Budget(f"≥ {ratio:g} ×", lambda figure, limit: figure >= ratio * limit)


def at_most(ratio: float) -> Budget:
    """The figure is at most `ratio` of the limit."""
    return Budget(f"≤ {ratio:g} ×", lambda figure, limit: figure <= ratio * limit)


def at_most_more(amount: float, unit: str) -> Budget:
    """The figure is at most the limit and `amount`."""
    return Budget(f"≤ +{amount:g} {unit}", lambda figure, limit: figure <= limit + amount)


def below(most: float, unit: str) -> Budget:
    """The figure is at most `most`, whatever the limit is."""
    return Budget(f"≤ {most:g} {unit}", lambda figure, _limit: figure <= most)


def above(least: float, unit: str) -> Budget:
    """The figure is at least `least`, whatever the limit is."""
    return Budget(f"≥ {least:g} {unit}", lambda figure, _limit: figure >= least)


@dataclass
class Row:
    """One path. `figures` and `limits` were taken in turn, one of each a round."""

    name: str
    unit: str
    figures: list[float]
    limit: str = ""
    """What it is compared with, in words."""
    limits: list[float] = field(default_factory=list)
    budget: Budget | None = None
    """None: only printed."""
    note: str = ""

    @property
    def figure(self) -> float:
        return statistics.median(self.figures)

    @property
    def limit_figure(self) -> float | None:
        return statistics.median(self.limits) if self.limits else None

    @property
    def ratio(self) -> float | None:
        """Figure by limit: the median of the rounds, which each saw one machine for both."""
        pairs = list(zip(self.figures, self.limits, strict=False))
        if not pairs or not all(limit for _figure, limit in pairs):
            return None
        return statistics.median(figure / limit for figure, limit in pairs)

    @property
    def verdict(self) -> str:
        """`ok`, `over`, or nothing where there is no budget."""
        if self.budget is None:
            return ""
        limit = self.limit_figure or 0.0
        figure = self.figure if self.ratio is None else self.ratio * limit
        return "ok" if self.budget.kept(figure, limit) else "over"

    def as_json(self) -> dict[str, Any]:
        """What a script reads; the medians are not rounded."""
        return {
            **{"name": self.name, "unit": self.unit, "note": self.note, "verdict": self.verdict},
            **{"figure": self.figure, "figures": self.figures},
            **{"limit": self.limit, "limit_figure": self.limit_figure, "limits": self.limits},
            **{"ratio": self.ratio, "budget": self.budget.text if self.budget else None},
        }
