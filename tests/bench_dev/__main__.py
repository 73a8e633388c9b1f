"""python -m tests.bench_dev [--rounds 20]: how long a start, a reload and an update take.

`inv dev` and plain `manage.py runserver` with plain `vite` on the host get the same edits of a copy
of the checkout. One run measures both, so that both meet the same machine. It prints a table and
writes .bench/dev.json.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from stack.compose import checkout
from stack.config import checkout_files, version
from stack.config.modes import ROOT
from stack.core.console import say, step, table
from tests.bench_dev import rounds as measure
from tests.bench_dev.sides import Container, Host, removed_at_the_end
from tests.support.own_stack import OWNER_BESIDE_ROOT, copy_checkout, settings_of_builds
from tests.support.throwaway_database import database

RESULT = ROOT / ".bench" / "dev.json"

PROMISES = {"start": 5.0, "reload": 1.2, "update": 0.3}
"""The limit for the median of `inv dev`, in seconds, on an otherwise idle machine."""

Figures = dict[str, dict[str, list[float]]]


def run(side: Container | Host, rounds: int) -> dict[str, list[float]]:
    """All figures of one side. It keeps running for the saves, and is stopped at the end."""
    starts = []
    with step(f"{side.name}: {rounds} starts"):
        for _ in range(rounds):
            starts.append(measure.start(side.start, side.page, side.api))
            side.stop()
    side.start()
    measure.start(lambda: None, side.page, side.api)
    with step(f"{side.name}: {rounds} saves of a view"):
        reloads = measure.reloads(side.root, side.api, rounds)
    with step(f"{side.name}: {rounds} saves of a component"):
        updates = measure.updates(side.root, side.page, rounds)
    side.stop()
    return {"start": starts, "reload": reloads, "update": updates}


def bench(rounds: int) -> Figures:
    with (
        tempfile.TemporaryDirectory(prefix="alarm-bench-") as folder,
        database() as variables,
    ):
        root = Path(folder) / "checkout"
        copy_checkout(root, OWNER_BESIDE_ROOT)
        checkout_files.ensure(root, checkout.name_of(root))
        with (root / ".env").open("a", encoding="utf-8") as env:
            env.write("\n" + settings_of_builds())
        container, host = Container(root), Host(root, variables)
        with removed_at_the_end(container), removed_at_the_end(host):
            with step("First start, with a build"):
                container.start()
                container.stop()
            # After the first start, because the container must not see npm's files.
            with step("The host's packages and tables"):
                host.prepare()
            return {side.name: run(side, rounds) for side in (container, host)}


def summary(taken: list[float]) -> dict[str, float]:
    """Median and 95th percentile, in seconds."""
    p95 = statistics.quantiles(taken, n=20, method="inclusive")[-1]
    return {"median": round(statistics.median(taken), 3), "p95": round(p95, 3)}


def show(figures: Figures) -> None:
    columns = [f"{name}, {what}" for name in figures for what in ("median", "p95")]
    rows = []
    for kind, limit in PROMISES.items():
        numbers = [summary(taken[kind]) for taken in figures.values()]
        cells = [f"{n[what]:.2f} s" for n in numbers for what in ("median", "p95")]
        rows.append((kind, *cells, f"{limit:g} s"))
    table("", ("", *columns, "promised median"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="nox -s bench-dev --", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="of each measurement, at least 2")
    figures = bench(max(2, parser.parse_args().rounds))
    RESULT.parent.mkdir(exist_ok=True)
    result = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": version.revision(ROOT),
        "seconds": figures,
        "summary": {
            name: {kind: summary(taken) for kind, taken in kinds.items()}
            for name, kinds in figures.items()
        },
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    show(figures)
    say(f"✓ wrote {RESULT.relative_to(ROOT)}", style="green")


if __name__ == "__main__":
    main()
