"""`inv prod.rotate-password`: a new password for the app's role, in the database and in its file.

The app reads the file when it starts, and PostgreSQL asks for a password when a connection begins.
So the app's container that serves goes on with the connections that it has, until a new container
takes over.

An external server does not show what it keeps of passwords. There the old one is needed, also for a
rollback.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from stack.backup import create, store
from stack.compose import lifecycle
from stack.compose.project import Project
from stack.config import external_database, secrets
from stack.config.secrets import POSTGRES_PASSWORD
from stack.core import signals
from stack.core.console import Failure, say, step
from stack.core.rollback import Undo, report_interrupt_after_commit, rollback
from stack.database import client, major, password, promote
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
    if project.is_external:
        _require_answer(project)
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


def _require_answer(project: Project) -> None:
    """Connect with the old password. Raises Failure, also where it is not in its own file."""
    external = external_database.of(project.root)
    if external and external.has_own_password:
        raise Failure(
            "The address of the external database holds its password.",
            "Remove it there, and write it into .secrets/postgres_password; then again",
        )
    client.of(project)


def change_role(database: Server, undo: Undo) -> None:
    """Give the database the password that is in the file."""
    if database.is_external:
        _change_external_role(database, undo)
        return
    with step("Changing the password"):
        for role in password.roles(database):  # a start may give others theirs
            undo.callback(password.keep, database, password.kept_by(database, role), role)
        new = secrets.read(database.project.root, POSTGRES_PASSWORD)
        password.keep(database, password.verifier(new))


def _change_external_role(database: Server, undo: Undo) -> None:
    """The same for an external server; its client has connected with the old password."""
    project, role = database.project, database.role

    def change(kept: str) -> None:
        password.keep(database, kept, role)
        client.close(project)  # the next one reads the file

    with step("Changing the password"):
        new = password.verifier(secrets.read(project.root, POSTGRES_PASSWORD))
        before = password.verifier(client.of(project).password)
        undo.callback(change, before)
        change(new)


def _while_nothing_serves(project: Project, undo: Undo) -> None:
    """Change the password; start the app again if it was running, e.g. without success."""
    with running_server(project) as database:
        change_role(database, undo)
        with signals.uninterruptible():
            undo.commit()
    if promote.Container(project).runs():
        lifecycle.start(project)
