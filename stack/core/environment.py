"""What a child process inherits from the shell that started the command.

A shell exports settings of other projects, of editors and of git hooks. `not-inherited` lists those
that would change what is installed, or where. `bootstrap` has the same rule from the same list.
"""

from __future__ import annotations

import locale
import os
from fnmatch import fnmatchcase
from pathlib import Path

LIST = Path(__file__).with_name("not-inherited")

PROXIES = ("http_proxy", "https_proxy", "all_proxy")
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def clean() -> None:
    """Remove from this process's environment, and so from its children's, what misleads them."""
    patterns = _patterns()
    for name in list(os.environ):
        if is_removed(name, patterns):
            del os.environ[name]
    # pip.conf may say `user = true`, which a virtual environment refuses.
    os.environ["PIP_USER"] = "0"
    if "TMPDIR" in os.environ and not os.access(os.environ["TMPDIR"], os.W_OK | os.X_OK):
        del os.environ["TMPDIR"]  # Python falls back to /tmp then; others fail
    _require_known_locale()
    if any(os.environ.get(name) or os.environ.get(name.upper()) for name in PROXIES):
        never_ask_a_proxy_for(*THIS_MACHINE)


def _require_known_locale() -> None:
    """Replace a locale that this machine lacks: each shell of ours would complain into the log."""
    before = locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, "")
    except locale.Error:
        for name in [name for name in os.environ if name == "LANG" or name.startswith("LC_")]:
            del os.environ[name]
        os.environ["LC_CTYPE"] = "C.UTF-8"
    locale.setlocale(locale.LC_ALL, before)


def is_removed(name: str, patterns: list[str]) -> bool:
    """Whether the last pattern that matches the name is one without `!`."""
    removed = False
    for pattern in patterns:
        if fnmatchcase(name.upper(), pattern.removeprefix("!")):
            removed = not pattern.startswith("!")
    return removed


def _patterns() -> list[str]:
    lines = LIST.read_text(encoding="ascii").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def never_ask_a_proxy_for(*hosts: str) -> None:
    """Add hosts to both spellings of NO_PROXY: programs read either."""
    for name in ("no_proxy", "NO_PROXY"):
        own = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
        known = [host.strip() for host in own.split(",") if host.strip()]
        os.environ[name] = ",".join(dict.fromkeys([*known, *hosts]))
