"""Putting a version or settings into service: one sequence of steps with one rollback.

`inv prod` with a new image, `inv prod` with changed settings and `inv prod.upgrade` are this
sequence. Without new migrations the port changes hands between two running containers. With them
the old version stops first, as it does not know the new schema, and a copy of the database is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from stack.backup import archive, create, restore, store
from stack.compose import health, ports
from stack.compose.project import Project
from stack.core import signals
from stack.core.console import Failure, say, step
from stack.core.rollback import Undo, rollback
from stack.database import migrations, promote
from stack.database.promote import BESIDE, KEPT
from stack.database.server import DATABASE, Server
from stack.deploy import standby
from stack.images import app_image
from stack.images.app_image import LATEST, PREVIOUS

if TYPE_CHECKING:
    from docker.models.containers import Container

DIGEST_LABEL = "alarm.digest"
"""As in compose/prod.yml."""


def serving(project: Project) -> Container | None:
    """The app's container, if it can be replaced without a gap: a healthy one with a port."""
    found = project.containers()
    app, db = found.get("app"), found.get("db")
    healthy = app is not None and health.state(app) == "healthy" and ports.published_ports(app)
    return app if healthy and db is not None and db.status == "running" else None


class Rollout:
    """One run of the sequence; `run` does the steps that are due, in the order of STEPS."""

    STEPS = (
        *("take_image", "back_up", "rehearse", "create_standby", "stop_and_copy"),
        *("start_standby", "switch_port", "replace_database", "verify", "finish"),
    )

    def __init__(
        self,
        project: Project,
        old: Container,
        take: Callable[[], None],
        verified: Callable[[], bool] | None = None,
    ) -> None:
        """`take` gets the new image under the name that the project starts.

        With `verified`, which says whether the new version keeps its promises, there is a backup
        and a verification even where nothing migrates.
        """
        self.project = project
        self.old = old
        self.before = app_image.of(old, project.client)
        self.take = take
        self.verified = verified
        self.database = Server(project)
        self.backup: Path | None = None
        self.new: Container | None = None
        self.old_db: Container | None = None
        self.copy = ""
        """The database that is as the old version left it; empty where nothing migrates."""
        self.migrates = False
        self.undo = Undo()

    def run(self, what: str) -> None:
        """Do it all, or roll back: Failure says which; `what` is its first line if it fails."""
        with rollback(what, self.undo):
            for name in self.STEPS:
                getattr(self, name)()

    def take_image(self) -> None:
        self.undo.callback(app_image.tag, self.project.name, self.before, LATEST)
        self.take()

    def back_up(self) -> None:
        if self._app_is_outdated():
            with step("Asking the new version for its migrations"):
                applied = self.database.migrations()
                remedy = "Check out a newer version; this one would be a step back"
                known = migrations.require_known(self.project, applied, "The database", remedy)
            self.migrates = any(
                name not in applied.get(app, []) for app, names in known.items() for name in names
            )
        if self.migrates or self.verified:
            self.backup = create.create_backup(self.project, store.default(self.project))

    def rehearse(self) -> None:
        """Let the new version migrate a copy, while the running version serves as ever."""
        if not self.migrates or self.backup is None:
            return
        copy = BESIDE + promote.stamp()
        try:
            with archive.opened(self.backup) as backup:
                restore.require_room(self.database, backup)
                restore.fill(self.database, copy, backup)
            with step("Rehearsing the migrations on it"):
                migrations.bring_up_to_date(self.project, copy)
        finally:
            self.database.drop(copy)

    def create_standby(self) -> None:
        if self._app_is_outdated():
            self.undo.callback(standby.remove, self.project, "app", self.old)
            self.new = standby.create(self.project, "app")

    def stop_and_copy(self) -> None:
        self.away_since = time.monotonic()
        if self.migrates:
            self.copy = KEPT + promote.stamp()
            self.undo.callback(self._return_data)
            with step("Stopping the old version"):
                self.old.stop()
            with step("Keeping a copy of the database"):
                self.database.create(self.copy, template=DATABASE)

    def _return_data(self) -> None:
        """Put the data back that the new version has migrated, and start the old version."""
        if self.copy in self.database.databases():
            if self.database.migrations() != self.database.migrations(self.copy):
                failed = BESIDE + promote.stamp()
                self.database.exchange(self.copy, failed)
                self.database.drop(failed)
            else:
                # Nothing was migrated, and what came in meanwhile is worth keeping.
                self.database.drop(self.copy)
        standby.serve_again(self.project, self.old)

    def start_standby(self) -> None:
        if self.new is not None:
            # Before the data is put back nothing may write to it.
            self.undo.callback(self.new.stop)
            self.new.start()
            standby.wait_until_healthy("app", self.new, "The new version")

    def switch_port(self) -> None:
        if self.new is None:
            return
        if not self.migrates:
            self.undo.callback(standby.serve_again, self.project, self.old)
        seconds = standby.switch_port(self.project, self.old, self.new)
        if self.migrates:
            say(f"The panel was away for {time.monotonic() - self.away_since:.1f} s.")
        else:
            say(f"The panel was away for less than {seconds:.1f} s.")

    def replace_database(self) -> None:
        """Give the database's container changed settings; only one may use its files."""
        db = self.project.containers()["db"]
        if not self._is_outdated("db", db):
            return
        self.undo.callback(self._return_database, db)
        new = standby.create(self.project, "db")
        with step("Stopping the database's old container"):
            db.stop()
        new.start()
        standby.wait_until_healthy("db", new, "The database's new container")
        self.old_db = db

    def _return_database(self, old: Container) -> None:
        standby.remove(self.project, "db", old)
        old.start()
        standby.wait_until_healthy("db", old, "The database's old container")

    def verify(self) -> None:
        if self.verified is None:
            return
        if self.new is not None and not self.migrates:
            # While both run, the project's container is the older one, and the checks look at it.
            with step("Stopping the old container"):
                self.old.stop()
        if not self.verified():
            raise Failure(
                "The new version does not pass the smoke checks.",
                f"What they found is above; mend it, then: inv {self.project.mode.name}.upgrade",
            )

    def finish(self) -> None:
        """The new version stays: nothing interrupts or undoes what is left to do."""
        with signals.uninterruptible():
            self.undo.commit()
            if self.new is not None:
                with step("Removing the old container"):
                    standby.retire(self.old, self.new)
            if self.old_db is not None:
                standby.retire(self.old_db, self.project.containers()["db"])
            if self.copy:
                self.database.drop(self.copy)
            if self.before.id != self.project.containers()["app"].attrs["Image"]:
                app_image.tag(self.project.name, self.before, PREVIOUS)

    def _app_is_outdated(self) -> bool:
        newest = app_image.is_newest(self.project.name, self.project.client, self.old)
        return not newest or self._is_outdated("app", self.old)

    def _is_outdated(self, service: str, container: Container) -> bool:
        wanted = self.project.environment[f"{service.upper()}_DIGEST"]
        return bool(container.labels.get(DIGEST_LABEL) != wanted)
