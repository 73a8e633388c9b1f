"""A shell in a container that runs, and commands in a new one."""

from __future__ import annotations

import subprocess

from stack.compose import lifecycle
from stack.compose.project import Project
from stack.compose.status import no_program, programs


def shell(project: Project, program: str) -> int:
    """A shell as the app's user in the folder of a program, or in a service's container."""
    lifecycle.require_running(project)
    services = project.containers()
    if program in services:
        return project.attach("exec", program, "bash")
    states = programs(services["app"])
    pids = [s["pid"] for s in states if program in (s["program"], s["process"]) and s["pid"]]
    if not pids:
        raise no_program(project, program, states)
    in_its_folder = f"cd -P /proc/{pids[0]}/cwd && exec bash"
    return project.attach("exec", "app", "/entrypoint.sh", "sh", "-c", in_its_folder)


def run_one_off(
    project: Project, *command: str, seconds: float | None = 120, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a new app container beside the others; `variables` are its environment."""
    settings = [option for pair in variables.items() for option in ("--env", "=".join(pair))]
    options = ("--rm", "--no-deps", "-T", *settings)
    return project.capture("run", *options, "app", *command, seconds=seconds)
