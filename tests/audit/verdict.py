"""What a judge is asked, and what it says: findings, or that it could not judge."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from stack.config.modes import ROOT

SECONDS = 600
"""How long one program may take."""


@dataclass(frozen=True)
class Finding:
    """One thing that a judge does not like."""

    rule: str
    place: str
    """A file of the checkout, an image, a package: what exceptions are written for."""
    text: str
    line: int = 0
    """In the file; 0 is no line in particular."""

    def __str__(self) -> str:
        where = f"{self.place}:{self.line}" if self.line else self.place
        return f"{self.rule} {where}: {' '.join(self.text.split())}"


class NotRun(Exception):
    """A judge could not judge; the text says why. What it found all the same is kept."""

    def __init__(self, reason: str, findings: Iterable[Finding] = ()) -> None:
        super().__init__(reason)
        self.findings = tuple(findings)


@dataclass(frozen=True)
class Judge:
    """A tool that is not ours, and what it is asked about."""

    tool: str
    version: str
    ask: Callable[[], Iterable[Finding]]
    """Gives what it finds, or raises NotRun."""
    of: str = ""
    """What of several things it judges, e.g. "with TLS"."""

    def __str__(self) -> str:
        return f"{self.tool}, {self.of}" if self.of else self.tool


@dataclass(frozen=True)
class Verdict:
    """What a judge has found; with a reason in `not_run`, nothing found is not clean."""

    judge: Judge
    findings: tuple[Finding, ...]
    not_run: str = ""


def verdict_of(judge: Judge) -> Verdict:
    """Ask a judge."""
    try:
        return Verdict(judge, tuple(judge.ask()))
    except NotRun as reason:
        return Verdict(judge, reason.findings, str(reason))


def run(
    *command: str, cwd: Path = ROOT, accepted: tuple[int, ...] = (0, 1)
) -> subprocess.CompletedProcess[str]:
    """Run a judge's program; NotRun when it is missing, or ends with a status not in `accepted`."""
    try:
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotRun(f"{command[0]} cannot be run: {error}") from error
    if done.returncode not in accepted:
        told = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise NotRun(f"{command[0]} ended with status {done.returncode}: {told[-1]}")
    return done
