"""What a person does inside of a stack that runs: a shell, psql, pdb, the backend's tests."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from stack.compose import project
from stack.compose.status import programs
from stack.config.modes import Stack
from stack.core.console import Failure
from stack.core.process import run_attached

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.containers import Container


def shell(stack: Stack, client: DockerClient, program: str | None) -> int:
    """A shell as the app's user in the folder of a program, or in a service's container."""
    if program is None or program == "app":
        return project.in_app(stack, client, "bash")
    project.require_running(stack, client)
    services = project.containers(stack, client)
    if program in services:
        return _exec(stack, program, "bash")
    folder = _folder_of(stack, services["app"], program)
    return _exec(stack, "app", "/entrypoint.sh", "bash", options=("--workdir", folder))


def database(stack: Stack, client: DockerClient) -> int:
    """psql on the stack's database; what is piped in is run."""
    project.require_running(stack, client)
    return _exec(stack, "db", "psql", "--username=alarm", "--dbname=alarm_db")


def attach(stack: Stack, client: DockerClient) -> int:
    """Join the `breakpoint()` that a program waits at, or the next one."""
    project.require_running(stack, client)
    return _exec(stack, "app", "/entrypoint.sh", "breakpoints.py")


def run_tests(stack: Stack, client: DockerClient, arguments: list[str]) -> int:
    """Run the backend's tests beside the programs, in a database of their own."""
    project.require_running(stack, client)
    return _exec(stack, "app", "/entrypoint.sh", "python", "-m", "pytest", *arguments)


def _exec(stack: Stack, service: str, *command: str, options: tuple[str, ...] = ()) -> int:
    """Run a command in a container, with the person's terminal where there is one."""
    terminal = [] if sys.stdin.isatty() and sys.stdout.isatty() else ["-T"]
    argv = stack.compose("exec", *terminal, *options, service, *command)
    return run_attached(argv, cwd=stack.root, env=stack.variables)


def _folder_of(stack: Stack, app: Container, program: str) -> str:
    states = programs(str(app.name))
    for state in states:
        if program in (state["program"], state["process"]) and state["pid"]:
            asked = app.exec_run(["/entrypoint.sh", "readlink", f"/proc/{state['pid']}/cwd"])
            if asked.exit_code == 0 and isinstance(asked.output, bytes):
                return asked.output.decode().strip()
    known = ", ".join(sorted({str(state["program"]) for state in states}))
    raise Failure(
        f"There is no program {program} that runs in the {stack.mode.name} stack.",
        f"Type one of: {known}, app, db",
    )
