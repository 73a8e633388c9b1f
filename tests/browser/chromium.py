"""A Chromium for the tests: this machine's own, else Debian's, else Playwright's download."""

from __future__ import annotations

import shutil
import sys

from stack.core.process import run_quietly
from stack.engine import debian

NAMES = ("chromium", "google-chrome", "google-chrome-stable")

REMEDY = "Install Chromium or Google Chrome, then type: nox -s browser"

AS_ROOT = ("--no-sandbox",)
"""Chromium's sandbox refuses to be root's."""

QUIET = ("--disable-gpu", "--disable-background-networking")


def executable() -> str | None:
    """The path of a Chromium, installed if necessary; None for Playwright's own.

    Raises Failure if none is available.
    """
    if found := _installed():
        return found
    host = debian.release()
    # Ubuntu's package of this name only installs a snap.
    if host and host.distribution == "debian" and debian.is_root():
        debian.update()
        debian.install("chromium", "fonts-dejavu-core")
        return _installed()
    download = [sys.executable, "-m", "playwright", "install", "chromium"]
    run_quietly("Chromium for the tests", download, remedy=REMEDY)
    return None


def arguments() -> list[str]:
    """What Chromium is started with."""
    return [*QUIET, *(AS_ROOT if debian.is_root() else ())]


def _installed() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)
