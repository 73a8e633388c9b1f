"""The modes, and what is the same in all of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from stack.core.console import Failure

ROOT = Path(__file__).resolve().parents[2]
"""The checkout: compose files and commands are relative to it."""

DEBUGPY = "compose/debugpy.yml"
"""Adds DEBUGPY_PORT, which an editor attaches to."""
DEBUGPY_PORT = 5678

DEFAULT_PORT = 5427
"""The one port, as in compose/; `ALARM_PORT` (environment or .env) moves it."""


@dataclass(frozen=True)
class Mode:
    """What differs between `inv dev` and `inv prod`."""

    name: str
    compose_file: str
    is_production: bool = False


DEV = Mode("dev", "docker-compose.yml")
PROD = Mode("prod", "docker-compose.prod.yml", is_production=True)
CLUSTER = Mode("cluster", "docker-compose.prod.yml", is_production=True)
"""Production on the nodes of a Swarm, `inv cluster`; its tasks are its own (stack/cluster/)."""
LOCAL = Mode("local", "")
"""The processes of `dev` without containers, so without a compose file."""
MODES = {mode.name: mode for mode in (DEV, PROD, LOCAL)}


def is_port(text: str) -> bool:
    """Whether it is the number of a TCP port."""
    return text.isascii() and text.isdigit() and 0 < int(text) < 65536


def parse_port(text: str) -> int:
    """A TCP port from text; Failure for anything else."""
    if is_port(text):
        return int(text)
    raise Failure(
        f"ALARM_PORT is {text!r}, which is not a port number.",
        f"Set it to a number from 1 to 65535, in .env or like this: ALARM_PORT={DEFAULT_PORT}",
    )
