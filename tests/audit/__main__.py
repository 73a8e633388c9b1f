"""python -m tests.audit [NAME…]: run third-party scanners; exit status 1 on a finding.

With names, only the scans whose names hold one of them, e.g. `bandit gixy`.
"""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Iterator

from stack.config.modes import PROD
from stack.core.console import Failure, print_output, say, step, table
from stack.core.polling import NeverHappened
from tests.audit import advisories, exceptions, production, sources
from tests.audit.scan import Finding, Scan, Verdict, verdict_of
from tests.support.own_stack import own_stack


def verdicts(names: list[str]) -> Iterator[Verdict]:
    """The verdicts of every scan, or of those that are asked for."""

    def asked(scan: Scan) -> bool:
        return not names or any(name in str(scan) for name in names)

    def ask(scan: Scan) -> Verdict:
        with step(str(scan)):
            return verdict_of(scan)

    of_files = [*filter(asked, (*sources.SCANS, *advisories.scans()))]
    yield from map(ask, of_files)
    others = [name for name in names if not any(name in str(scan) for scan in of_files)]
    if others or not names:
        with own_stack(PROD, contextlib.nullcontext) as own:
            yield from map(ask, filter(asked, production.scans(own.project)))


def report(every: list[Verdict]) -> int:
    """Print the table and the findings. Return the number of findings without a reason."""
    exemptions = exceptions.read()
    found: list[tuple[str, object]] = []
    accepted: Counter[exceptions.Exemption] = Counter()
    rows = []
    for verdict in every:
        left, covering = exceptions.split(verdict, exemptions)
        rows.append((str(verdict.scan), verdict.scan.version, result(verdict, left, covering)))
        found += [(str(verdict.scan), finding) for finding in left]
        accepted.update(covering)
    for each in exceptions.stale(exemptions, accepted, every):
        found.append((each.tool, f"finds no {each.rule} in {each.place}: remove the exception"))
    table("", ("scan", "version", "result"), rows)
    if accepted:
        say("Accepted, with its reason (tests/audit/exceptions.toml):", style="bold")
        print_output(
            f"{n}× {e.tool} {e.rule} in {e.place}: {e.reason}" for e, n in accepted.items()
        )
    for scan, finding in found:
        say(f"✗ {scan}: {finding}")
    return len(found)


def result(verdict: Verdict, left: list[Finding], covering: list[exceptions.Exemption]) -> str:
    """The table's last column."""
    parts = [f"not run: {verdict.not_run}"] if verdict.not_run else []
    if left:
        parts.append(f"{len(left)} findings")
    elif not verdict.not_run:
        parts.append("clean")
    if covering:
        parts.append(f"{len(covering)} accepted")
    return ", ".join(parts)


if __name__ == "__main__":
    try:
        sys.exit(1 if report([*verdicts(sys.argv[1:])]) else 0)
    except (Failure, NeverHappened) as failure:
        sys.exit(str(failure))
