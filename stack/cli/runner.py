"""How a stack is run: in containers, or as processes of this machine."""

from __future__ import annotations

from stack.compose import address, status
from stack.compose.checkout import project_of
from stack.compose.project import Project
from stack.config.modes import DEV, LOCAL, Mode
from stack.core.console import say
from stack.deploy.containers import Containers
from stack.engine import docker_engine
from stack.local.runner import Local

NO_ENGINE = "No Docker engine answers, so this is inv local: the same stack without containers."


Runner = Containers | Local
"""How a stack is run; the verbs need not know which."""


def for_mode(mode: Mode, *, starts: bool = False) -> Runner:
    """The runner of a mode. Without an engine, dev is the stack without containers.

    With `starts` the command starts the stack, which need not run yet.
    """
    if mode is DEV and not docker_engine.is_there():
        local = for_project(project_of(LOCAL))
        if starts:
            say(f"{NO_ENGINE} Or get containers: inv engine")
        if starts or local.rows():
            return local
    return for_project(project_of(mode))


def for_project(project: Project) -> Runner:
    """The runner of a project, by its mode."""
    return Local(project) if project.mode is LOCAL else Containers(project)


def show_status(runner: Runner) -> bool:
    """Print the table of what runs, its address, and whether `.env` has changed since the start.

    Returns whether the panel can be reached; if it cannot, the cause is printed.
    """
    rows = runner.rows()
    status.show(rows)
    if note := runner.health_note():
        say(note)
    if runner.settings_are_newer():
        mode = runner.project.mode.name
        say(f".env was saved after the start; to use it: inv {mode}", style="bold")
    fault = runner.fault()
    if fault:
        say(str(fault), style="bold")
    elif any(row.name == "app" and row.port for row in rows):
        say(address.of(runner.project).for_people(), style="bold green")
    return fault is None
