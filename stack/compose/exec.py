"""What a person does inside of a stack that runs: a shell, psql, pdb, the backend's tests."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from stack.compose import lifecycle
from stack.compose.project import Project
from stack.compose.status import programs
from stack.core.console import Failure

if TYPE_CHECKING:
    from docker.models.containers import Container


def shell(project: Project, program: str | None) -> int:
    """A shell as the app's user in the folder of a program, or in a service's container."""
    if program is None or program == "app":
        return in_app(project, "bash")
    lifecycle.require_running(project)
    services = project.containers()
    if program in services:
        return project.attach("exec", program, "bash")
    folder = _folder_of(project, services["app"], program)
    return project.attach("exec", "--workdir", folder, "app", "/entrypoint.sh", "bash")


def database(project: Project) -> int:
    """psql on the stack's database; what is piped in is run."""
    lifecycle.require_running(project)
    return project.attach("exec", "db", "psql", "--username=alarm", "--dbname=alarm_db")


def attach(project: Project) -> int:
    """Join the `breakpoint()` that a program waits at, or the next one."""
    lifecycle.require_running(project)
    return project.attach("exec", "app", "/entrypoint.sh", "breakpoints.py")


def run_tests(project: Project, arguments: list[str]) -> int:
    """Run the backend's tests beside the programs, in a database of their own."""
    lifecycle.require_running(project)
    return project.attach("exec", "app", "/entrypoint.sh", "python", "-m", "pytest", *arguments)


def _folder_of(project: Project, app: Container, program: str) -> str:
    states = programs(app)
    for state in states:
        if program in (state["program"], state["process"]) and state["pid"]:
            asked = app.exec_run(["/entrypoint.sh", "readlink", f"/proc/{state['pid']}/cwd"])
            if asked.exit_code == 0 and isinstance(asked.output, bytes):
                return asked.output.decode().strip()
    known = ", ".join(sorted({str(state["program"]) for state in states}))
    raise Failure(
        f"There is no program {program} that runs in the {project.mode.name} stack.",
        f"Type one of: {known}, app, db",
    )


def in_app(project: Project, *command: str) -> int:
    """Run a command as the app's user in the running app container, or in one made for it.

    The command has the person's terminal. Returns its exit status.
    """
    app = project.containers().get("app")
    if app is not None and app.status == "running":
        return project.attach("exec", "app", "/entrypoint.sh", *command)
    return lifecycle.prepare(project, tell=False).attach("run", "--rm", "app", *command)


def ask_app(project: Project, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as the app's user in the running app container, and keep what it prints."""
    return project.capture("exec", "-T", "app", "/entrypoint.sh", *command)


def run_one_off(
    project: Project, *command: str, seconds: float | None = 120, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a new app container beside the others; `variables` are its environment."""
    settings = [option for pair in variables.items() for option in ("--env", "=".join(pair))]
    options = ("--rm", "--no-deps", "-T", *settings)
    return project.capture("run", *options, "app", *command, seconds=seconds)
