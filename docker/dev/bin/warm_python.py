#!/usr/bin/env python3
"""warm_python.py MODULES SCRIPT…: import the packages that the last run of SCRIPT imported, wait
for a line of input, then run `python SCRIPT…`.

Most of a start is the import of packages, which edits do not change. reload-on-save keeps one such
process in reserve, so that after a save only the application's own modules are imported. Each
process runs SCRIPT once; nothing is forked, so nothing is shared with the run before.

MODULES is a file with the packages' names, written LEARN_SECONDS after SCRIPT has started.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import runpy
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

import breakpoints

PROGRAM = os.environ.get("SUPERVISOR_PROCESS_NAME", "program")
RUN_DIR = Path(os.environ.get("RUN_DIR", "/run/app"))
"""The folder for <program>.error, which Vite shows (frontend/vite/backend-error.ts)."""

LEARN_SECONDS = 3.0
"""By then a program has imported what it needs, rarely used parts included."""


def warm_up(modules: Path) -> None:
    """Import the listed modules. Those that need Django's settings fail and are imported later."""
    # With the variable, the settings module is not found: a package could take that for an optional
    # dependency.
    settings = os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    for name in modules.read_text(encoding="utf-8").split():
        # An error occurs again, and is reported, where the module is needed.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    if settings is not None:
        os.environ["DJANGO_SETTINGS_MODULE"] = settings


def learn(modules: Path) -> None:
    """Write the names of the modules that are not the application's, in the order of import."""
    here = os.getcwd() + os.sep

    def is_foreign(name: str) -> bool:
        origin = getattr(getattr(sys.modules.get(name), "__spec__", None), "origin", None)
        return origin is not None and not origin.startswith(here) and name != __name__

    names = [name for name in list(sys.modules) if is_foreign(name)]
    with contextlib.suppress(OSError):  # the watcher may be ending
        modules.write_text("\n".join(names), encoding="utf-8")


def wait_for_an_editor(port: int) -> None:
    """Let an editor attach at any time, without waiting for it."""
    sys.path.append(os.environ["DEV_PACKAGES"])
    import debugpy

    # In this process, so that the port is free when the process ends.
    debugpy.listen(("0.0.0.0", port), in_process_debug_adapter=True)


@contextlib.contextmanager
def record_error() -> Iterator[None]:
    """Write an error that ends the program to <program>.error: a summary, then the traceback."""
    file = RUN_DIR / f"{PROGRAM}.error"
    file.unlink(missing_ok=True)
    try:
        yield
    except BaseException as error:
        if isinstance(error, Exception) or isinstance(getattr(error, "code", None), str):
            trace = "".join(traceback.format_exception(error))
            with contextlib.suppress(OSError):
                file.write_text(f"{summary(error)}\n{trace}", encoding="utf-8")
        raise


def summary(error: BaseException) -> str:
    """The error in one line, with its place in the application."""
    if isinstance(error, SystemExit):
        return " ".join(str(error).split())
    reason = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    if isinstance(error, SyntaxError) and error.filename:
        return f"{reason} ({os.path.relpath(error.filename)}, line {error.lineno})"
    here = os.getcwd() + os.sep
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(here)]
    if not frames:
        return reason
    return f"{reason} ({os.path.relpath(frames[-1].filename)}, line {frames[-1].lineno})"


def main(modules: Path, script: list[str]) -> None:
    warm_up(modules)
    if not sys.stdin.readline():
        return  # the watcher has ended
    timer = threading.Timer(LEARN_SECONDS, learn, [modules])
    timer.daemon = True
    timer.start()
    if "PYTHONBREAKPOINT" not in os.environ:
        sys.breakpointhook = breakpoints.Breakpoints()
    if PROGRAM == "daphne" and (port := os.environ.get("DEBUGPY_PORT")):
        wait_for_an_editor(int(port))
    # As `python SCRIPT…` sets them.
    sys.argv[:] = script
    sys.path[0] = os.path.dirname(os.path.abspath(script[0]))
    with record_error():
        runpy.run_path(script[0], run_name="__main__")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
