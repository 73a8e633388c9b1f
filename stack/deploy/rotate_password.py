"""`inv prod.rotate-password`: a new password for the app's role, in the database and in its file.

The app reads the file when it starts, and PostgreSQL asks for a password when a connection begins.
So the app's container that serves goes on with the connections that it has, until a new container
takes over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from stack.backup import create, store
from stack.compose import lifecycle
from stack.compose.project import Project
from stack.config import secrets
from stack.config.secrets import POSTGRES_PASSWORD
from stack.core import signals
from stack.core.console import say, step
from stack.core.rollback import Undo, report_interrupt_after_commit, rollback
from stack.database import major, password, promote
from stack.database.server import Server, running_server
from stack.deploy import rollout, standby
from stack.deploy.rollout import Replacement


@dataclass
class Rotation(Replacement):
    """The same image in new containers, and between the steps the password is changed."""

    STEPS: ClassVar[tuple[str, ...]] = (
        *("take_image", "create_standby", "change_role", "start_standby"),
        *("switch_port", "replace_database", "finish"),
    )

    def change_role(self) -> None:
        change_role(self.database, self.undo)


def rotate_password(project: Project) -> None:
    """Give the database a new password. Raises Failure, with everything as it was before.

    It works without the old password, and where the app does not run because of it.
    """
    lifecycle.require_own_checkout(project)
    create.require_data(project)
    undo = Undo()
    remedy = f"See what runs: inv {project.mode.name}.status"
    with store.lock(project), report_interrupt_after_commit(undo, "the new password", remedy):
        with rollback("The password was not changed", undo):
            write_file(project, undo)
            project = lifecycle.prepare(project, tell=False)
            major.require_readable(project)
            standby.remove_leftovers(project)
            old = rollout.replaceable_app(project)
            if old is None:
                _while_nothing_serves(project, undo)
            else:
                Rotation(project, old, undo=undo).do_steps()
        say(f"✓ The database of {project.name} has a new password.", style="bold green")


def write_file(project: Project, undo: Undo) -> None:
    """A new password in the secret's file, from which new containers read it."""
    before = secrets.read(project.root, POSTGRES_PASSWORD)
    undo.callback(secrets.replace, project.root, POSTGRES_PASSWORD, before)
    secrets.replace(project.root, POSTGRES_PASSWORD, secrets.generate(POSTGRES_PASSWORD))


def change_role(database: Server, undo: Undo) -> None:
    """Give the database the password that is in the file."""
    with step("Changing the password"):
        for role in password.roles(database):  # a start may give others theirs
            undo.callback(password.keep, database, password.kept_by(database, role), role)
        new = secrets.read(database.project.root, POSTGRES_PASSWORD)
        password.keep(database, password.verifier(new))


def _while_nothing_serves(project: Project, undo: Undo) -> None:
    """Change the password; start the app again if it was running, e.g. without success."""
    with running_server(project) as database:
        change_role(database, undo)
        with signals.uninterruptible():
            undo.commit()
    if promote.runs(project):
        lifecycle.start(project)
