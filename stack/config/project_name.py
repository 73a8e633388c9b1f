"""What the stacks of a checkout are called, so that two checkouts share nothing.

The name is `ALARM_NAME` of the environment or of `.env`, where `inv env` writes it; the project of
a mode is that and the mode, e.g. `alarm-3f9a1c-dev`. The root compose files say the same, so plain
`docker compose` means the same stack.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from stack.config import dotenv
from stack.core.console import Failure

VARIABLE = "ALARM_NAME"

MODES = ("prod", "dev")
"""The modes with containers, in the order of what their data is worth."""


def chosen(root: Path) -> str | None:
    """The name that is set for the checkout's stacks. Raises Failure when it cannot be one."""
    name = dotenv.setting(root, VARIABLE)
    if name and not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise Failure(
            f"{VARIABLE} is {name!r}, which Docker Compose takes for no name.",
            f"Use small letters, digits, - and _, for example: {VARIABLE}=alarm",
        )
    return name


def from_path(root: Path) -> str:
    """A name that no other folder of this machine gets: `alarm-` and six characters."""
    digest = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()
    return f"alarm-{digest[:6]}"


def mode_of(project: str) -> tuple[str, str] | None:
    """The name and the mode in a project's name; None for a project of another software."""
    name, _, mode = project.rpartition("-")
    return (name, mode) if name and mode in MODES else None
