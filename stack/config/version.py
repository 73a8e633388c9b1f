"""Which version of the project this checkout is."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

from stack.config.modes import ROOT

GIT = ("git", "-c", "safe.directory=*")
"""Git also answers root about a checkout that belongs to another user."""


def version() -> str:
    """The version in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def revision(root: Path = ROOT) -> str:
    """The commit, `-dirty` when files differ from it; `unknown` outside of a git checkout."""
    git = [*GIT, "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        answer = subprocess.run(git, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return answer.stdout.strip() or "unknown"
