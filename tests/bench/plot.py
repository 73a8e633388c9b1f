"""The table as a picture: what is left of each budget, and how costs grow."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests.bench.row import Row

BARS, CURVES = "#35618e", "#8e3561"


def draw(rows: Iterable[Row], curves: dict[str, list[tuple[float, float]]], path: Path) -> None:
    """Write an SVG. `curves` are (size, cost) by what grows; its key names both."""
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


def _ratios(area, rows: list[Row]) -> None:  # type: ignore[no-untyped-def]  # matplotlib's own types are loose
    labels = [f"{row.name} / {row.limit}" for row in rows]
    colours = [BARS if row.verdict != "over" else "#c0392b" for row in rows]
    area.barh(labels, [row.ratio for row in rows], color=colours)
    area.axvline(1, color="black", linewidth=0.8)
    area.set_xscale("log")
    area.set_xlabel("figure / limit of the same run; red is over its budget")
    area.invert_yaxis()


def _growth(area, curves: dict[str, list[tuple[float, float]]]) -> None:  # type: ignore[no-untyped-def]  # as above
    for name, points in curves.items():
        area.plot(*zip(*points, strict=True), marker="o", label=name)
    area.set_xscale("log")
    area.set_yscale("log")
    area.set_xlabel("how many")
    area.set_ylabel("ms")
    area.legend(fontsize="small")
