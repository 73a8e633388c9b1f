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

from stack.core.console import Failure
from tests.support import python_environment

LOCK = Path(__file__).with_name("home-assistant.txt")
PROGRAM = "python3.13"
NO_PYTHON = 77  # as other test suites mark what is skipped


def install() -> Path | None:
    """Install what is missing, and return the Python that has it; None without a Python 3.13."""
    program = shutil.which(PROGRAM)
    return python_environment.install("home-assistant", program, LOCK) if program else None


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
