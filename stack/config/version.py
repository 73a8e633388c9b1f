"""Which version of the project this checkout is."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path

from stack.config.modes import ROOT

GIT = ("git", "-c", "safe.directory=*")
"""Git also answers root about a checkout that belongs to another user."""


def ask_git(root: Path, *words: str) -> str:
    """What a command of git prints about a checkout; empty where it is none, or there is no git."""
    # A git hook sets GIT_DIR and GIT_INDEX_FILE, which would be about another checkout.
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # An unpacked archive may lie in the folder of another repository.
    env["GIT_CEILING_DIRECTORIES"] = str(root.resolve().parent)
    git = [*GIT, "-C", str(root), *words]
    try:
        return subprocess.run(
            git, env=env, capture_output=True, text=True, timeout=10, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def version() -> str:
    """The version in pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def revision(root: Path = ROOT) -> str:
    """The commit, `-dirty` when files differ from it; `unknown` outside of a git checkout."""
    words = ("describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
    return ask_git(root, *words).strip() or "unknown"
