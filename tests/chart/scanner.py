"""Checkov judges the rendered objects; exceptions.toml has what is accepted, with reasons."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

from stack.core.console import Failure
from tests.audit import exceptions
from tests.audit.scan import Finding, Scan, Verdict
from tests.chart.rendering import Object
from tests.support import python_environment

HERE = Path(__file__).parent
LOCK, EXCEPTIONS = HERE / "checkov.txt", HERE / "exceptions.toml"
SECONDS = 300
OPTIONS = ("--framework=kubernetes", "--output=json", "--compact", "--skip-download")


def scan(sets: Mapping[str, Iterable[Object]]) -> tuple[list[str], str]:
    """Findings without an exception, and exceptions without a finding; and a sentence of figures.

    `sets` are the objects by the name of their set of values. Raises Failure.
    """
    python = python_environment.install("checkov", sys.executable, LOCK)
    with tempfile.TemporaryDirectory(prefix="alarm-chart-") as folder:
        for name, objects in sets.items():
            Path(folder, f"{name}.yaml").write_text(yaml.safe_dump_all(objects), encoding="utf-8")
        report = _run(python, folder)
    verdict = Verdict(Scan("checkov", "", tuple), tuple(_findings(report)))
    exemptions = exceptions.read(EXCEPTIONS)
    left, covering = exceptions.split(verdict, exemptions)
    stale = exceptions.stale(exemptions, covering, [verdict])
    faults = [*map(str, left), *(f"{e.rule} in {e.place} is found no more" for e in stale)]
    summary = report["summary"]
    checks = f"{summary['passed']} checks passed, {len(covering)} findings accepted"
    return faults, f"Checkov {summary['checkov_version']}: {checks}"


def _run(python: Path, folder: str) -> dict[str, dict[str, int]]:
    # A program of a virtual environment does not need it activated.
    command = [str(python), str(python.with_name("checkov")), "--directory", folder, *OPTIONS]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, "LOG_LEVEL": "ERROR"},
    )
    try:
        report: dict[str, dict[str, int]] = json.loads(done.stdout)
    except json.JSONDecodeError as error:
        last = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise Failure(
            f"Checkov gave no report: {last}", "Remove .nox/checkov, then again"
        ) from error
    if not report["summary"]["passed"] or report["summary"]["parsing_errors"]:
        raise Failure("Checkov could not read the objects.", "Look at what the chart renders")
    return report


def _findings(report: dict[str, dict[str, int]]) -> Iterator[Finding]:
    failed: Iterable[Mapping[str, str]] = report["results"]["failed_checks"]  # type: ignore[assignment]  # JSON
    for each in failed:
        kind, _, name = each["resource"].partition(".")
        place = f"{each['file_path'].strip('/')}:{kind} {name.rpartition('.')[2]}"
        yield Finding(each["check_id"], place, each["check_name"])
