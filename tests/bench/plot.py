"""A picture of the table: ratios and growing costs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.row import Row

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BARS, CURVES = "#35618e", "#8e3561"


def draw(rows: Iterable[Row], curves: dict[str, list[tuple[float, float]]], path: Path) -> None:
    """Write an SVG. `curves` are lists of (size, cost) by name."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    compared = [row for row in rows if row.ratio is not None]
    height = 1.5 + 0.32 * len(compared)
    sizes = {"height_ratios": [max(height, 1), 3]} if curves else None
    figure, areas = pyplot.subplots(
        2 if curves else 1,
        1,
        figsize=(11, height + (4 if curves else 0)),
        squeeze=False,
        gridspec_kw=sizes,
    )
    _ratios(areas[0][0], compared)
    if curves:
        _growth(areas[1][0], curves)
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)


def _ratios(area: Axes, rows: list[Row]) -> None:
    labels = [f"{row.name} / {row.limit}" for row in rows]
    colours = [BARS if row.verdict != "over" else "#c0392b" for row in rows]
    area.barh(labels, [row.ratio for row in rows], color=colours)
    area.axvline(1, color="black", linewidth=0.8)
    area.set_xscale("log")
    area.set_xlabel("figure / limit of the same run; red is over its budget")
    area.invert_yaxis()


def _growth(area: Axes, curves: dict[str, list[tuple[float, float]]]) -> None:
    for name, points in curves.items():
        area.plot(*zip(*points, strict=True), marker="o", label=name)
    area.set_xscale("log")
    area.set_yscale("log")
    area.set_xlabel("how many")
    area.set_ylabel("ms")
    area.legend(fontsize="small")
