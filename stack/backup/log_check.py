"""Whether an app's log is as it was written, where the app can say that of its own log."""

from __future__ import annotations

from collections.abc import Callable

from stack.compose.project import Project
from stack.core.console import Failure, print_output, say, step

# Passed to Python in the container, so that it works with images of any age.
VERIFY = """
import django
django.setup()
from django.core.management import execute_from_command_line, get_commands
if "verify_log" in get_commands():
    execute_from_command_line(["manage.py", "verify_log"])
"""


def check(project: Project) -> None:
    """Let the app's command `verify_log` read its log. Raises Failure where that fails."""
    app = project.containers().get("app")
    if app is None or app.status != "running":
        say("The app does not run, so its log was not checked.")
        return

    def ask(*command: str) -> tuple[int, str]:
        asked = app.exec_run(["/entrypoint.sh", *command])
        assert isinstance(asked.output, bytes)
        return asked.exit_code or 0, asked.output.decode(errors="replace")

    check_by(ask, project)


def check_by(ask: Callable[..., tuple[int, str]], project: Project) -> None:
    """The same by `ask`, which runs a command where the app runs: its status and its output."""
    with step("Checking the log"):
        status, output = ask("python", "-c", VERIFY)
    said = output.splitlines()
    if status != 0:
        print_output(said[-5:])
        raise Failure(
            f"The log of {project.name} is not as it was written.",
            "What it says is above. The backup was made; compare it with one from before",
        )
    for line in said:
        say(line)
