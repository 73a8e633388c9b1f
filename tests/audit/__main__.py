"""python -m tests.audit [NAME…]: let other people's tools judge; exit status 1 on a finding.

With names only the judges whose names hold one of them, e.g. `bandit gixy`.
"""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Iterator

from stack.config.modes import PROD
from stack.core.console import Failure, lines, say, step, table
from stack.core.polling import NeverHappened
from tests.audit import advisories, exceptions, production, sources
from tests.audit.verdict import Finding, Judge, Verdict, verdict_of
from tests.smoke.own_stack import own_stack


def verdicts(names: list[str]) -> Iterator[Verdict]:
    """Those of every judge, or of those that are asked for."""

    def asked(judge: Judge) -> bool:
        return not names or any(name in str(judge) for name in names)

    def ask(judge: Judge) -> Verdict:
        with step(str(judge)):
            return verdict_of(judge)

    of_files = [*filter(asked, (*sources.JUDGES, *advisories.judges()))]
    yield from map(ask, of_files)
    others = [name for name in names if not any(name in str(judge) for judge in of_files)]
    if others or not names:
        with own_stack(PROD, contextlib.nullcontext) as own:
            yield from map(ask, filter(asked, production.judges(own.project)))


def report(every: list[Verdict]) -> int:
    """Print the table, then what it is about. Returns the number of findings without a reason."""
    exemptions = exceptions.read()
    found: list[tuple[str, object]] = []
    meant: Counter[exceptions.Exemption] = Counter()
    rows = []
    for verdict in every:
        left, covering = exceptions.split(verdict, exemptions)
        rows.append((str(verdict.judge), verdict.judge.version, result(verdict, left, covering)))
        found += [(str(verdict.judge), finding) for finding in left]
        meant.update(covering)
    for each in exceptions.stale(exemptions, meant, every):
        found.append((each.tool, f"finds no {each.rule} in {each.place}: take the exception out"))
    table("", ("judge", "version", "result"), rows)
    if meant:
        say("Meant, with its reason (tests/audit/exceptions.toml):", style="bold")
        lines(f"{n}× {e.tool} {e.rule} in {e.place}: {e.reason}" for e, n in meant.items())
    for judge, finding in found:
        say(f"✗ {judge}: {finding}")
    return len(found)


def result(verdict: Verdict, left: list[Finding], covering: list[exceptions.Exemption]) -> str:
    """The table's last column."""
    parts = [f"not run: {verdict.not_run}"] if verdict.not_run else []
    if left:
        parts.append(f"{len(left)} findings")
    elif not verdict.not_run:
        parts.append("clean")
    if covering:
        parts.append(f"{len(covering)} meant")
    return ", ".join(parts)


if __name__ == "__main__":
    try:
        sys.exit(1 if report([*verdicts(sys.argv[1:])]) else 0)
    except (Failure, NeverHappened) as failure:
        sys.exit(str(failure))
