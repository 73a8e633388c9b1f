"""One row of the table: a figure, the limit it is compared with, and the budget between the two."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Budget:
    """The limits of a row's ratio, difference or figure."""

    text: str
    of: Literal["ratio", "difference", "figure"]
    """Which of the three has the limits; the table shows that one."""
    kept: Callable[[float], bool]


def at_least(ratio: float) -> Budget:
    """The figure is at least `ratio` of the limit."""
    return Budget(f"≥ {ratio:g} ×", "ratio", lambda found: found >= ratio)


def at_most(ratio: float) -> Budget:
    """The figure is at most `ratio` of the limit."""
    return Budget(f"≤ {ratio:g} ×", "ratio", lambda found: found <= ratio)


def at_most_more(amount: float, unit: str) -> Budget:
    """The figure is at most the limit and `amount`."""
    return Budget(f"≤ +{amount:g} {unit}", "difference", lambda found: found <= amount)


def below(most: float, unit: str) -> Budget:
    """The figure is at most `most`, whatever the limit is."""
    return Budget(f"≤ {most:g} {unit}", "figure", lambda found: found <= most)


def above(least: float, unit: str) -> Budget:
    """The figure is at least `least`, whatever the limit is."""
    return Budget(f"≥ {least:g} {unit}", "figure", lambda found: found >= least)


@dataclass
class Row:
    """One path. `figures` and `limits` were taken in turn, one of each a round."""

    name: str
    unit: str
    figures: list[float]
    limit: str = ""
    """The limit's name."""
    limits: list[float] = field(default_factory=list)
    budget: Budget | None = None
    """None if there is no limit."""
    note: str = ""

    @property
    def figure(self) -> float:
        return statistics.median(self.figures)

    @property
    def limit_figure(self) -> float | None:
        return statistics.median(self.limits) if self.limits else None

    @property
    def ratio(self) -> float | None:
        """Figure divided by limit: the median of the rounds."""
        pairs = self._pairs()
        if not pairs or not all(limit for _figure, limit in pairs):
            return None
        return statistics.median(figure / limit for figure, limit in pairs)

    @property
    def difference(self) -> float | None:
        """Figure less limit: the median of the rounds."""
        pairs = self._pairs()
        return statistics.median(figure - limit for figure, limit in pairs) if pairs else None

    def _pairs(self) -> list[tuple[float, float]]:
        return list(zip(self.figures, self.limits, strict=False))

    @property
    def verdict(self) -> str:
        """`ok`, `over`, or nothing where there is no budget."""
        if self.budget is None:
            return ""
        found = getattr(self, self.budget.of)
        assert found is not None, f"{self.name}: nothing to compare with"
        return "ok" if self.budget.kept(found) else "over"

    def as_json(self) -> dict[str, Any]:
        """The row for a script, with medians that are not rounded."""
        return {
            **{"name": self.name, "unit": self.unit, "note": self.note, "verdict": self.verdict},
            **{"figure": self.figure, "figures": self.figures},
            **{"limit": self.limit, "limit_figure": self.limit_figure, "limits": self.limits},
            **{"ratio": self.ratio, "difference": self.difference},
            "budget": self.budget.text if self.budget else None,
        }
