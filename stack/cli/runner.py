"""How a stack is run: in containers, or as processes of this machine. The verbs of tasks.py ask one
of the two, and need not know which.
"""

from __future__ import annotations

import subprocess
from typing import Protocol

from stack.compose import status
from stack.compose.checkout import standard
from stack.compose.project import Project
from stack.compose.status import Row
from stack.config.modes import DEV, LOCAL, Mode
from stack.core.console import say
from stack.deploy.containers import Containers
from stack.engine import docker_engine
from stack.local.runner import Local

NO_ENGINE = "No Docker engine answers, so this is inv local: the same stack without containers."


class Runner(Protocol):
    """What can be asked of a stack, however it is run."""

    project: Project

    def up(self) -> None:
        """Install or build what changed, start, and wait until it is ready."""

    def build(self) -> None:
        """Only install or build what changed."""

    def stop(self) -> None:
        """Stop it; the next start is quick."""

    def down(self, *, data: bool = False) -> None:
        """Stop and remove what runs; with `data`, the database too."""

    def restart(self, program: str | None) -> None:
        """Restart one program, or all of the app; wait until the stack is ready."""

    def rows(self) -> list[Row]:
        """What runs: services, the app's programs below it."""

    def logs(self, program: str | None, *, tail: str, follow: bool) -> int:
        """Print the log; the exit status."""

    def in_app(self, *command: str) -> int:
        """Run a command as the app's programs are run; its exit status."""

    def ask_app(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command where the app's programs run, while they do, and keep what it prints."""

    def shell(self, program: str | None) -> int:
        """Open a shell where the app runs, or where a program of it does; its exit status."""

    def database(self) -> int:
        """Open psql on the database; its exit status."""

    def attach(self) -> int:
        """Join the `breakpoint()` that a program waits at, or the next one; the exit status."""

    def run_tests(self, arguments: list[str]) -> int:
        """Run the backend's tests where the app's programs run; pytest's exit status."""

    def settings_are_newer(self) -> bool:
        """Whether `.env` was saved since the programs were started with it."""

    def require_running(self) -> None:
        """Raise Failure when it does not run."""


def of(mode: Mode, *, starts: bool = False) -> Runner:
    """The runner of a mode. Without an engine, dev is the stack without containers.

    With `starts` the command starts the stack, which need not run yet.
    """
    if mode is DEV and not docker_engine.is_there():
        local = of_stack(standard(LOCAL))
        if starts:
            say(f"{NO_ENGINE} Or get containers: inv engine")
        if starts or local.rows():
            return local
    return of_stack(standard(mode))


def of_stack(project: Project) -> Runner:
    """The runner of a project, by its mode."""
    return Local(project) if project.mode is LOCAL else Containers(project)


def show_status(runner: Runner) -> None:
    """Print the table of what runs, and whether a start would read other settings."""
    status.show(runner.rows())
    if runner.settings_are_newer():
        mode = runner.project.mode.name
        say(f".env was saved after the start, which read it: inv {mode}", style="bold")
