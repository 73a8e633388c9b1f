"""python -m tests.support.home_assistant: validate discovery messages as Home Assistant does.

Reads and prints what validate_discovery.py does. Home Assistant's package is large, and needs a
Python of its own: it is installed once, in .nox/home-assistant. Ends with status NO_PYTHON where
there is no Python 3.13.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from stack.config.modes import ROOT
from stack.core.console import Failure
from stack.core.process import run_quietly

LOCK = Path(__file__).with_name("home-assistant.txt")
PROGRAM = "python3.13"
NO_PYTHON = 77  # as other test suites mark what is skipped
REMEDY = "Correct what the lines above say"


def install() -> Path | None:
    """Install what is missing, and return the Python that has it; None without a Python 3.13."""
    program = shutil.which(PROGRAM)
    if program is None:
        return None
    folder = ROOT / ".nox" / "home-assistant"
    found, installed = folder / "bin" / "python", folder / LOCK.name
    lock = LOCK.read_text(encoding="utf-8")
    if not installed.exists() or installed.read_text(encoding="utf-8") != lock:
        shutil.rmtree(folder, ignore_errors=True)
        command = [program, "-m", "venv", str(folder)]
        run_quietly("A Python for Home Assistant", command, remedy=REMEDY, cwd=ROOT)
        # A few of its packages have no wheel for this Python, and are built.
        options = ("--quiet", "--no-compile", "--require-hashes")
        command = [str(found), "-m", "pip", "install", *options, f"--requirement={LOCK}"]
        run_quietly("Home Assistant's package", command, remedy=REMEDY, cwd=ROOT)
        installed.write_text(lock, encoding="utf-8")
    return found


def main() -> int:
    """Validate what comes from standard input; return the status."""
    python = install()
    if python is None:
        return NO_PYTHON
    script = Path(__file__).with_name("validate_discovery.py")
    return subprocess.run([python, script], check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
