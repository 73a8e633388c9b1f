"""A scan by a third-party tool: its findings, or the reason why it could not run."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from stack.config.modes import ROOT

SECONDS = 600
"""The limit for one command."""


@dataclass(frozen=True)
class Finding:
    """One defect that a tool reports."""

    rule: str
    place: str
    """A file of the checkout, an image or a package; exceptions.toml names it."""
    text: str
    line: int = 0
    """The line in the file; 0 if there is none."""

    def __str__(self) -> str:
        where = f"{self.place}:{self.line}" if self.line else self.place
        return f"{self.rule} {where}: {' '.join(self.text.split())}"


class NotRun(Exception):
    """A scan could not finish, for the reason in the text; its findings are kept."""

    def __init__(self, reason: str, findings: Iterable[Finding] = ()) -> None:
        super().__init__(reason)
        self.findings = tuple(findings)


@dataclass(frozen=True)
class Scan:
    """A third-party tool and its target."""

    tool: str
    version: str
    ask: Callable[[], Iterable[Finding]]
    """Returns the findings, or raises NotRun."""
    of: str = ""
    """The target, if the tool has several, e.g. "with TLS"."""

    def __str__(self) -> str:
        return f"{self.tool}, {self.of}" if self.of else self.tool


@dataclass(frozen=True)
class Verdict:
    """The findings of a scan; with a reason in `not_run`, no findings does not mean clean."""

    scan: Scan
    findings: tuple[Finding, ...]
    not_run: str = ""


def verdict_of(scan: Scan) -> Verdict:
    """Run a scan."""
    try:
        return Verdict(scan, tuple(scan.ask()))
    except NotRun as reason:
        return Verdict(scan, reason.findings, str(reason))


def run(
    *command: str, cwd: Path = ROOT, accepted: tuple[int, ...] = (0, 1)
) -> subprocess.CompletedProcess[str]:
    """Run a tool; NotRun when it is missing or ends with a status not in `accepted`."""
    try:
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotRun(f"{command[0]} cannot be run: {error}") from error
    if done.returncode not in accepted:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
        raise NotRun(f"{command[0]} ended with status {done.returncode}: {lines[-1]}")
    return done
