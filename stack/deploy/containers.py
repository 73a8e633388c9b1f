"""A stack in containers, as the verbs of tasks.py ask for it."""

from __future__ import annotations

import subprocess

from stack.compose import exec as inside
from stack.compose import lifecycle, status
from stack.compose import logs as log
from stack.compose.project import Project
from stack.compose.status import Row
from stack.deploy import up
from stack.engine import docker_engine

STOP_SECONDS = 3
"""How long each container may take to stop; nothing that matters happens in development then."""


class Containers:
    """The Runner that drives Docker Compose."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def up(self) -> None:
        docker_engine.ensure()
        up.up(self.project)

    def build(self) -> None:
        lifecycle.build(lifecycle.prepare(self.project))

    def stop(self) -> None:
        lifecycle.down(self.project, seconds=STOP_SECONDS)

    def down(self, *, data: bool = False) -> None:
        assert self.project.client  # says so where no engine answers
        lifecycle.down(self.project, volumes=data)

    def restart(self, program: str | None) -> None:
        lifecycle.restart(self.project, program)

    def rows(self) -> list[Row]:
        return status.rows(self.project)

    def logs(self, program: str | None, *, tail: str, follow: bool) -> int:
        return log.show(self.project, program, tail=tail, follow=follow)

    def in_app(self, *command: str) -> int:
        return inside.in_app(self.project, *command)

    def ask_app(self, *command: str) -> subprocess.CompletedProcess[str]:
        return inside.ask_app(self.project, *command)

    def shell(self, program: str | None) -> int:
        return inside.shell(self.project, program)

    def database(self) -> int:
        return inside.database(self.project)

    def attach(self) -> int:
        return inside.attach(self.project)

    def run_tests(self, arguments: list[str]) -> int:
        return inside.run_tests(self.project, arguments)

    def settings_are_newer(self) -> bool:
        return status.settings_are_newer(self.project)

    def require_running(self) -> None:
        lifecycle.require_running(self.project)
