"""python -m tests.bench [--only NAME…] [--quick]: every path and its limit, in one table.

Exit status 1 when a ratio is worse than its budget. It also writes .bench/bench.json and
.bench/bench.svg. It does not touch a stack that is in use.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from stack.core.console import Failure, say, step
from tests.bench import (
    api,
    commands,
    growth,
    image,
    live,
    memory,
    plot,
    rebuild,
    report,
    reverse_proxy,
    smoke,
    starting,
    wrk,
)
from tests.bench.cluster import costs
from tests.bench.row import Row
from tests.bench.testbed import Testbed, testbed

PATHS: dict[str, Callable[[Testbed], list[Row]]] = {
    "memory": memory.idle,
    "assets": reverse_proxy.assets,
    "page": reverse_proxy.page,
    "api": api.throughput,
    "latency": api.latency,
    "prompt": commands.prompt,
    "warm": commands.warm,
    "fan-out": live.fan_out,
    "sockets": live.held,
    "start": starting.ready,
    "size": image.size,
    "events": growth.events,
    "many-assets": growth.assets,
    "cluster": costs.costs,
    "backend-line": rebuild.backend,
    "frontend-line": rebuild.frontend,
    "dependency": rebuild.dependency,
    "pushed": image.pushed,
    "smoke": smoke.tests,
}
"""In order of measurement; paths that leave traces are last."""

ROUNDS, QUICK_ROUNDS = 5, 2


def measure(names: list[str], rounds: int) -> tuple[list[Row], list[str], dict[str, str]]:
    """The rows of these paths, the paths that failed, and facts about the stack."""
    rows: list[Row] = []
    failed = []
    with testbed(rounds) as stack:
        facts = stack.facts()
        for name in names:
            try:
                with step(f"Measuring: {name}"):
                    rows += PATHS[name](stack)
            # The other paths keep their figures after any error.
            except Exception as error:
                say(f"✗ {name}: {error}", style="red")
                failed.append(name)
    return rows, failed, facts


def curves(rows: list[Row]) -> dict[str, list[tuple[float, float]]]:
    """Rows whose names end in a size such as `: 1,000`, by the name before it."""
    found: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        name, _, size = row.name.rpartition(": ")
        if name and size.replace(",", "").isdigit():
            found.setdefault(name, []).append((float(size.replace(",", "")), row.figure))
    return {name: points for name, points in found.items() if len(points) > 1}


def main() -> int:
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=PATHS, metavar="NAME", help=str(list(PATHS))
    )
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_ROUNDS} rounds, not {ROUNDS}")
    chosen = parser.parse_args()
    rounds = QUICK_ROUNDS if chosen.quick else ROUNDS
    wrk.ensure()
    rows, failed, facts = measure(
        [name for name in PATHS if name in (chosen.only or PATHS)], rounds
    )
    report.show(rows)
    report.write(rows, rounds, facts)
    plot.draw(rows, curves(rows), report.FOLDER / "bench.svg")
    say(f"✓ wrote {report.FOLDER.name}/bench.json and bench.svg", style="green")
    over = [row.name for row in rows if row.verdict == "over"]
    if over:
        say(f"✗ Over budget: {'; '.join(over)}", style="bold red")
    if failed:
        say(f"✗ Not measured: {', '.join(failed)}", style="bold red")
    return 1 if over or failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
