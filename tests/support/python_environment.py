"""A Python environment beside the session's, for packages that do not fit to the tools."""

from __future__ import annotations

import shutil
from pathlib import Path

from stack.config.modes import ROOT
from stack.core.process import run_quietly

REMEDY = "Correct what the lines above say"


def install(name: str, program: str, lock: Path) -> Path:
    """Have `.nox/NAME` with what a lock file lists; return its Python. Raises Failure."""
    folder = ROOT / ".nox" / name
    found, installed = folder / "bin" / "python", folder / lock.name
    text = lock.read_text(encoding="utf-8")
    if not installed.exists() or installed.read_text(encoding="utf-8") != text:
        shutil.rmtree(folder, ignore_errors=True)
        command = [program, "-m", "venv", str(folder)]
        run_quietly(f"A Python for {name}", command, remedy=REMEDY, cwd=ROOT)
        # A package without a wheel for this Python is built.
        options = ("--quiet", "--no-compile", "--require-hashes")
        command = [str(found), "-m", "pip", "install", *options, f"--requirement={lock}"]
        run_quietly(f"The packages of {name}", command, remedy=REMEDY, cwd=ROOT)
        installed.write_text(text, encoding="utf-8")
    return found
