"""A straight line through measured points, and how far each point is from it."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Line:
    """`base + slope × x`, by least squares. One with a single point is flat."""

    name: str
    of: str
    """What x counts, e.g. `replicas`."""
    unit: str
    points: Points

    @property
    def _coefficients(self) -> tuple[float, float]:
        if len({x for x, _y in self.points}) < 2:
            return 0.0, statistics.fmean(y for _x, y in self.points)
        slope, base = statistics.linear_regression(*zip(*self.points, strict=True))
        return slope, base

    @property
    def slope(self) -> float:
        return self._coefficients[0]

    @property
    def base(self) -> float:
        return self._coefficients[1]

    @property
    def residuals(self) -> list[float]:
        """Measured less the line, point by point."""
        slope, base = self._coefficients
        return [y - (base + slope * x) for x, y in self.points]

    def as_json(self) -> dict[str, Any]:
        return {
            **{"name": self.name, "of": self.of, "unit": self.unit},
            **{"base": self.base, "slope": self.slope},
            **{"points": self.points, "residuals": self.residuals},
        }


def line(name: str, of: str, unit: str, points: Iterable[tuple[float, float]]) -> Line:
    """The line of these points, sorted."""
    return Line(name, of, unit, sorted((float(x), float(y)) for x, y in points))
