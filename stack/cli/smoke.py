"""The smoke checks on the stack that is up."""

from __future__ import annotations

import subprocess
import sys

from stack.cli.runner import for_mode
from stack.config.modes import CLUSTER, MODES, ROOT


def run(mode: str, *options: str) -> int:
    """Check the running stack of a mode through its port; returns pytest's exit status.

    Raises Failure where it does not run.
    """
    if mode != CLUSTER.name:  # its runner is another one, and the task has asked it
        for_mode(MODES[mode]).require_running()
    test = [sys.executable, "-m", "pytest", "tests/smoke", "--mode", mode, "--running"]
    return subprocess.run([*test, *options], cwd=ROOT, check=False).returncode
