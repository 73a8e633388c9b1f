"""A stack in containers, as the verbs of tasks.py ask for it."""

from __future__ import annotations

import subprocess
from functools import cached_property
from typing import TYPE_CHECKING

from stack import engine, inside, lifecycle, status
from stack import logs as log
from stack.modes import Stack
from stack.status import Row

if TYPE_CHECKING:
    from docker import DockerClient


STOP_SECONDS = 3
"""How long each container may take to stop; nothing that matters happens in development then."""


class Containers:
    """The Runner that drives Docker Compose."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack

    @cached_property
    def client(self) -> DockerClient:
        return engine.client()

    def up(self) -> None:
        engine.ensure()
        lifecycle.up(self.stack, self.client)

    def build(self) -> None:
        lifecycle.build(lifecycle.prepare(self.stack, self.client), self.client)

    def stop(self) -> None:
        lifecycle.down(self.stack, seconds=STOP_SECONDS)

    def down(self, *, data: bool = False) -> None:
        assert self.client  # says so where no engine answers
        lifecycle.down(self.stack, volumes=data)

    def restart(self, program: str | None) -> None:
        lifecycle.restart(self.stack, self.client, program)

    def rows(self) -> list[Row]:
        return status.rows(self.stack, lambda: self.client)

    def logs(self, program: str | None, *, tail: str, follow: bool) -> int:
        return log.show(self.stack, self.client, program, tail=tail, follow=follow)

    def in_app(self, *command: str) -> int:
        return lifecycle.in_app(self.stack, self.client, *command)

    def ask_app(self, *command: str) -> subprocess.CompletedProcess[str]:
        return lifecycle.ask_app(self.stack, *command)

    def shell(self, program: str | None) -> int:
        return inside.shell(self.stack, self.client, program)

    def database(self) -> int:
        return inside.database(self.stack, self.client)

    def attach(self) -> int:
        return inside.attach(self.stack, self.client)

    def run_tests(self, arguments: list[str]) -> int:
        return inside.run_tests(self.stack, self.client, arguments)

    def settings_are_newer(self) -> bool:
        return status.settings_are_newer(self.stack, self.client)

    def require_running(self) -> None:
        lifecycle.require_running(self.stack, self.client)
