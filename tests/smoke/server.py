"""Which server the stack under test runs on; ASGI_SERVER in pytest's environment chooses one."""

from __future__ import annotations

import os

from stack.compose.project import Project
from stack.config.modes import PROD

VARIABLE = "ASGI_SERVER"
DEFAULT = "daphne"


def setting() -> str:
    """The line of the own stack's `.env`: what ASGI_SERVER says where the tests are run."""
    return f"{VARIABLE}={os.environ[VARIABLE]}\n" if VARIABLE in os.environ else ""


def name_of(project: Project) -> str:
    """What the program is called that serves the application; development knows Daphne only."""
    if project.mode is not PROD:
        return DEFAULT
    app = project.containers()["app"]
    variables = dict(line.split("=", 1) for line in app.attrs["Config"]["Env"])
    return variables[VARIABLE]
