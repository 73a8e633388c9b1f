"""python -m tests.engines [--only NAME…] [--check NAME…]: both modes on every engine.

Prints a table and writes `.engines/engines.json`. Exit status 1 when a check fails that its engine
does not declare unsupported, and when one passes that is declared so.
"""

from __future__ import annotations

import argparse
import sys

from tests.engines import project, report
from tests.engines.checks import CHECKS
from tests.engines.nested import CommandFailed, Nested, running
from tests.engines.recipes import ENGINES, Engine
from tests.engines.report import Row


def look(engine: Engine, names: list[str]) -> list[Row]:
    """Run these checks on one engine, in order; most need `prod` before them."""
    with project.step(f"{engine.name}: {engine.title}"):
        try:
            with running(engine) as nested:
                return [_check(nested, name) for name in engine.checks if name in names]
        except CommandFailed as error:
            return [Row(engine.name, "start", "failed", 0, str(error))]


def _check(nested: Nested, name: str) -> Row:
    expected = nested.engine.unsupported.get(name)
    row = Row(nested.engine.name, name)
    with row.timed():
        try:
            row.note = CHECKS[name](nested)
        except CommandFailed as error:
            row.verdict, row.note = "failed", str(error)
            if expected is not None and expected in row.note:
                row.verdict, row.note = "unsupported", expected
        else:
            if expected is not None:
                row.verdict, row.note = "failed", f"passes, but is declared to end with: {expected}"
    project.say(f"{nested.engine.name}, {name}: {row.verdict} after {row.seconds:.0f} s")
    return row


def main() -> int:
    names = [engine.name for engine in ENGINES]
    parser = argparse.ArgumentParser(prog="nox -s engines --", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=names, metavar="NAME", help=", ".join(names)
    )
    parser.add_argument(
        "--check", action="append", choices=CHECKS, metavar="NAME", help=", ".join(CHECKS)
    )
    chosen = parser.parse_args()
    only, checks = chosen.only or names, chosen.check or list(CHECKS)
    project.have_base_images()
    rows = [row for engine in ENGINES if engine.name in only for row in look(engine, checks)]
    report.show(rows)
    report.write(rows)
    return 1 if any(row.verdict == "failed" for row in rows) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except project.Failure as failure:
        sys.exit(str(failure))
