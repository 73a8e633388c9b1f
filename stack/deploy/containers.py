"""A stack in containers, as the verbs of tasks.py ask for it."""

from __future__ import annotations

import subprocess
from functools import cached_property
from typing import TYPE_CHECKING

from stack.compose import exec, project, status
from stack.compose import logs as log
from stack.compose.status import Row
from stack.config.modes import Stack
from stack.engine import docker_engine

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
        return docker_engine.connect()

    def up(self) -> None:
        docker_engine.ensure()
        project.up(self.stack, self.client)

    def build(self) -> None:
        project.build(project.prepare(self.stack, self.client), self.client)

    def stop(self) -> None:
        project.down(self.stack, seconds=STOP_SECONDS)

    def down(self, *, data: bool = False) -> None:
        assert self.client  # says so where no engine answers
        project.down(self.stack, volumes=data)

    def restart(self, program: str | None) -> None:
        project.restart(self.stack, self.client, program)

    def rows(self) -> list[Row]:
        return status.rows(self.stack, lambda: self.client)

    def logs(self, program: str | None, *, tail: str, follow: bool) -> int:
        return log.show(self.stack, self.client, program, tail=tail, follow=follow)

    def in_app(self, *command: str) -> int:
        return project.in_app(self.stack, self.client, *command)

    def ask_app(self, *command: str) -> subprocess.CompletedProcess[str]:
        return project.ask_app(self.stack, *command)

    def shell(self, program: str | None) -> int:
        return exec.shell(self.stack, self.client, program)

    def database(self) -> int:
        return exec.database(self.stack, self.client)

    def attach(self) -> int:
        return exec.attach(self.stack, self.client)

    def run_tests(self, arguments: list[str]) -> int:
        return exec.run_tests(self.stack, self.client, arguments)

    def settings_are_newer(self) -> bool:
        return status.settings_are_newer(self.stack, self.client)

    def require_running(self) -> None:
        project.require_running(self.stack, self.client)
