"""Invoke in this checkout, or in the tests' copy of it for the tests' stack."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from stack.compose.project import Project
from stack.config import project_name
from stack.config.modes import ROOT

INV = (sys.executable, "-m", "invoke")
SECONDS = 300  # a limit for a loaded machine


def environment(project: Project, **variables: str) -> dict[str, str]:
    """The environment in which `inv` uses the tests' stack; its name is in the copy's `.env`."""
    kept = {name: value for name, value in os.environ.items() if name != project_name.VARIABLE}
    return {**kept, "ALARM_PORT": str(project.port), **variables}


def inv(
    project: Project, *words: str, piped: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run `inv` on the tests' stack, without a terminal."""
    return _run(words, project.root, environment(project, **variables), piped)


def run_inv(*words: str, root: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `inv` in a checkout, by default in this one."""
    return _run(words, root, {**os.environ, **variables})


def _run(
    words: tuple[str, ...], root: Path, env: dict[str, str], piped: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*INV, *words],
        cwd=root,
        env=env,
        input=piped,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def done(project: Project, *words: str, piped: str = "") -> str:
    """Run `inv`, which has to succeed; return what it says."""
    ran = inv(project, *words, piped=piped)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout + ran.stderr


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The output of a command that failed, which ends with two lines and holds no traceback."""
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    last = done.stderr.strip().splitlines()[-2:]
    assert last[0].startswith("✗ "), done.stderr
    assert last[1].startswith("  → "), done.stderr
    return done.stderr
