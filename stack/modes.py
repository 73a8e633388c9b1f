"""The modes as data: which compose file, which port, what they are for."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from stack import env_file, names

ROOT = Path(__file__).resolve().parent.parent
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


@dataclass(frozen=True)
class Stack:
    """A mode under a project name, on a port. Tests run stacks of their own beside a person's."""

    mode: Mode
    project: str
    port: int
    root: Path = ROOT
    """The checkout it runs from; commands are run there."""
    overlay: str | None = None
    """A compose file that adds to the mode's, e.g. compose/debugpy.yml."""
    settings: tuple[tuple[str, str], ...] = ()
    """Variables for compose files beyond the port, e.g. ("POSTGRES_IMAGE", "postgres:15")."""

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def variables(self) -> dict[str, str]:
        """What is set for Docker Compose because it differs from the defaults."""
        moved = {} if self.port == DEFAULT_PORT else {"ALARM_PORT": str(self.port)}
        return {**moved, **_bind_in_brackets(self.root), **dict(self.settings)}

    def compose(self, *arguments: str) -> list[str]:
        """The argument list of a Docker Compose command on this stack, to be run in its root."""
        return [
            *("docker", "compose", "--file", self.mode.compose_file),
            *(["--file", self.overlay] if self.overlay else []),
            *("--project-name", self.project),
            *arguments,
        ]

    def with_settings(self, **settings: str) -> Stack:
        """The same stack with more variables for the compose files."""
        return replace(self, settings=(*self.settings, *settings.items()))


def _bind_in_brackets(root: Path) -> dict[str, str]:
    """ALARM_BIND, if it is an IPv6 address: Compose before version 5 reads it in brackets only."""
    address = bind_address(root)
    return {"ALARM_BIND": f"[{address}]"} if ":" in address else {}


def bind_address(root: Path) -> str:
    """The address that ALARM_BIND gives, without brackets; empty where it gives none."""
    chosen = os.environ.get("ALARM_BIND") or env_file.read(root / ".env").get("ALARM_BIND") or ""
    return chosen.strip("[]")


def standard(mode: Mode) -> Stack:
    """The stack that `inv dev` or `inv prod` means, on the port that the person chose.

    Raises Failure when ALARM_PORT is no port number, or .env cannot be read.
    """
    port = os.environ.get("ALARM_PORT") or env_file.read(ROOT / ".env").get("ALARM_PORT")
    return of_checkout(ROOT, mode, parse_port(port) if port else DEFAULT_PORT)


def of_checkout(root: Path, mode: Mode, port: int) -> Stack:
    """The stack of a mode that runs from `root`, under the name of that checkout."""
    return Stack(mode, f"{names.name_of(root)}-{mode.name}", port, root)


def with_debugpy(stack: Stack) -> Stack:
    """The same stack with a port for an editor. Raises Failure where the code is not a person's."""
    from stack.console import Failure

    if stack.mode is LOCAL:
        raise Failure("--debugpy needs the containers of inv dev.", "Get an engine: inv engine")
    if stack.mode is not DEV:
        raise Failure("--debugpy is for development.", "Type: inv dev --debugpy")
    return replace(stack, overlay=DEBUGPY)


def parse_port(text: str) -> int:
    """A TCP port from text; Failure for anything else."""
    from stack.console import Failure

    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise Failure(
        f"ALARM_PORT is {text!r}, which is not a port number.",
        f"Set it to a number from 1 to 65535, in .env or like this: ALARM_PORT={DEFAULT_PORT}",
    )
