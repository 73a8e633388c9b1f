"""Accepted findings, each with its reason: exceptions.toml, beside this file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from tests.audit.scan import Finding, Verdict

FILE = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Exemption:
    """A rule that a tool may report in the places of a pattern."""

    tool: str
    rule: str
    place: str
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError(f"{FILE.name}: {self.tool} {self.rule} has no reason")

    def covers(self, tool: str, finding: Finding) -> bool:
        """Whether this exemption is for the finding."""
        same = (tool, finding.rule) == (self.tool, self.rule)
        return same and fnmatch(finding.place, self.place)


def read(file: Path = FILE) -> list[Exemption]:
    """Every exemption of the file. A missing reason, or a key that is unknown, is an error."""
    return [Exemption(**each) for each in tomllib.loads(file.read_text("utf-8"))["exception"]]


def split(
    verdict: Verdict, exemptions: Iterable[Exemption]
) -> tuple[list[Finding], list[Exemption]]:
    """The findings without an exemption, and the exemptions of the others."""
    left, covering = [], []
    for finding in verdict.findings:
        reasons = [each for each in exemptions if each.covers(verdict.scan.tool, finding)]
        if reasons:
            covering.append(reasons[0])
        else:
            left.append(finding)
    return left, covering


def stale(
    exemptions: Iterable[Exemption], used: Iterable[Exemption], verdicts: Iterable[Verdict]
) -> list[Exemption]:
    """Exemptions that cover no finding, of tools whose every scan has run."""
    complete = {each.scan.tool for each in verdicts}
    complete -= {each.scan.tool for each in verdicts if each.not_run}
    return [each for each in exemptions if each.tool in complete and each not in used]
