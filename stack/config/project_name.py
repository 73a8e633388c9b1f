"""The name of a checkout's stacks, by which two checkouts share nothing.

It is `ALARM_NAME` of the environment or of `.env`, where `inv env` writes it. The project of a mode
is that name and the mode, e.g. `alarm-3f9a1c-dev`. The root compose files have the same rule, so
plain `docker compose` finds the same stack.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from stack.config import dotenv
from stack.core.console import Failure

VARIABLE = "ALARM_NAME"

PREFIX = "alarm"
"""The app's name, with which default names begin; `inv adopt` writes another one here."""

MODES = ("prod", "dev")
"""The modes with containers; the one with the more valuable data first."""


def chosen(root: Path) -> str | None:
    """The name that is set. Raises Failure when Docker Compose does not accept it."""
    name = dotenv.setting(root, VARIABLE)
    if name and not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise Failure(
            f"{VARIABLE} is {name!r}, which Docker Compose does not accept.",
            f"Use small letters, digits, - and _, for example: {VARIABLE}=alarm",
        )
    return name


def from_path(root: Path) -> str:
    """The default name: PREFIX and six characters that depend on the folder."""
    return f"{PREFIX}-{digest(root)}"


def digest(root: Path) -> str:
    """Six characters that depend on the folder."""
    return hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:6]


def mode_of(project: str) -> tuple[str, str] | None:
    """The name and the mode in a project's name; None for projects of other software."""
    name, _, mode = project.rpartition("-")
    return (name, mode) if name and mode in MODES else None
