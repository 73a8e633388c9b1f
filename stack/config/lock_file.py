"""The lock file of the frontend's packages."""

from __future__ import annotations

import subprocess
from pathlib import Path

from stack.core.console import Failure


def find(root: Path) -> str:
    """Its name, as docker/dev/bin/node-packages chooses it. Raises Failure where there is none."""
    if not (root / "frontend").is_dir():
        raise Failure("There is no folder frontend/.", "inv adopt FOLDER copies an app's")
    words = ["bash", str(root / "docker" / "dev" / "bin" / "node-packages"), "lock"]
    asked = subprocess.run(words, cwd=root / "frontend", capture_output=True, text=True)
    if asked.returncode != 0:
        what, _, remedy = asked.stderr.strip().partition("\n")
        raise Failure(f"The page's packages cannot be installed: {what}", remedy)
    return asked.stdout.strip()
