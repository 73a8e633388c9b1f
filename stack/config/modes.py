"""The modes as data: which compose file, which port, what they are for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stack.core.console import Failure

ROOT = Path(__file__).resolve().parents[2]
"""The checkout: compose files and commands are relative to it."""

DEBUGPY = "compose/debugpy.yml"
"""Adds the port that an editor attaches to, which is this one."""
DEBUGPY_PORT = 5678

DEFAULT_PORT = 5427
"""The one port, as in compose/; `ALARM_PORT` (environment or .env) moves it."""


@dataclass(frozen=True)
class Mode:
    """What differs between `inv dev` and `inv prod`."""

    name: str
    compose_file: str


DEV = Mode("dev", "docker-compose.yml")
PROD = Mode("prod", "docker-compose.prod.yml")
LOCAL = Mode("local", "")
"""What `dev` is, as processes of this machine: there is nothing for Docker Compose."""
MODES = {mode.name: mode for mode in (DEV, PROD, LOCAL)}


def parse_port(text: str) -> int:
    """A TCP port from text; Failure for anything else."""
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise Failure(
        f"ALARM_PORT is {text!r}, which is not a port number.",
        f"Set it to a number from 1 to 65535, in .env or like this: ALARM_PORT={DEFAULT_PORT}",
    )
