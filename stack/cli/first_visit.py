"""What the first visit of a new panel asks for, where the app has a command that says it."""

from __future__ import annotations

import subprocess
from typing import Protocol

from stack.compose.project import Project
from stack.core.console import say


class AsksApp(Protocol):
    """A stack whose app answers: a runner of a mode, or a cluster."""

    @property
    def project(self) -> Project: ...

    def ask_app(self, *command: str) -> subprocess.CompletedProcess[str]: ...


# Passed to Python in the container: an app without the command says nothing.
TOKEN = """
import django
django.setup()
from django.core.management import CommandError, call_command, get_commands
if "setup_token" in get_commands():
    try:
        call_command("setup_token")
    except CommandError:
        pass  # the app was set up before
"""


def show_token(runner: AsksApp) -> None:
    """Print the app's setup token and for how long it is good; nothing where none is needed."""
    asked = runner.ask_app("python", "-c", TOKEN)
    token = asked.stdout.strip()
    if asked.returncode == 0 and token:
        say(f"Setup token: {token}", style="bold green")
        mode = runner.project.mode.name
        say("The first visit asks for it; it expires within one to two hours.")
        say(f"For a new one, type: inv {mode}.manage setup_token")
