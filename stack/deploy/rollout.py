"""Putting a version or settings into service: one sequence of steps with one rollback.

`inv prod` with a new image, `inv prod` with changed settings and `inv prod.upgrade` are this
sequence. Without new migrations both containers run, and the port moves from the old one to the
new one. With them the old version stops first, because it does not know the new schema, and a copy
of the database is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from stack.backup import archive, create, restore, store
from stack.compose import health, ports
from stack.compose.project import Project
from stack.core import signals
from stack.core.console import Failure, say, step
from stack.core.rollback import Undo, rollback
from stack.database import collations, migrations, promote
from stack.database.promote import KEPT, TEMPORARY
from stack.database.server import Server
from stack.deploy import standby
from stack.images import app_image
from stack.images.app_image import LATEST, PREVIOUS

if TYPE_CHECKING:
    from docker.models.containers import Container

DIGEST_LABEL = "alarm.digest"
"""As in compose/prod.yml."""


def replaceable_app(project: Project) -> Container | None:
    """The app's container, if it can be replaced without a gap: a healthy one with a port."""
    found = project.containers()
    app, db = found.get("app"), found.get("db")
    healthy = app is not None and health.state(app) == "healthy" and ports.published_ports(app)
    has_database = project.is_external or (db is not None and db.status == "running")
    return app if healthy and has_database else None


@dataclass
class Rollout:
    """One run of the sequence; `run` does the steps that are due, in the order of STEPS."""

    STEPS: ClassVar[tuple[str, ...]] = (
        *("take_image", "back_up", "rehearse", "create_standby", "stop_and_copy"),
        *("start_standby", "switch_port", "replace_database", "verify", "finish"),
    )

    project: Project
    old: Container
    take: Callable[[], None] = lambda: None
    """Gets the new image under the name that the project starts."""
    verified: Callable[[], bool] | None = None
    """Returns whether the new version works. With it there are always a backup and a check."""
    backup: Path | None = None
    new: Container | None = None
    old_db: Container | None = None
    copy: str = ""
    """The database that is as the old version left it; empty where nothing migrates."""
    migrates: bool = False
    undo: Undo = field(default_factory=Undo)

    def __post_init__(self) -> None:
        self.before = app_image.image_of(self.old, self.project.client)
        self.database = Server(self.project)

    def run(self, what: str) -> None:
        """Do it all, or roll back: Failure says which; `what` is its first line if it fails."""
        with rollback(what, self.undo):
            self.do_steps()

    def do_steps(self) -> None:
        """Do it all; the caller rolls back."""
        for name in self.STEPS:
            getattr(self, name)()

    def take_image(self) -> None:
        self.undo.callback(app_image.tag, self.project.name, self.before, LATEST)
        self.take()

    def back_up(self) -> None:
        # PostgreSQL copies no database whose indexes may be in another order.
        collations.refresh(self.database)
        if self._app_is_outdated():
            with step("Asking the new version for its migrations"):
                applied = self.database.migrations()
                remedy = "Check out a newer version; this one is older than the database"
                known = migrations.require_known(
                    self.project, applied, "The database", remedy, is_own=True
                )
            self.migrates = any(
                name not in applied.get(app, []) for app, names in known.items() for name in names
            )
        if self.migrates or self.verified:
            self.backup = create.create_backup(self.project, store.default(self.project))

    def rehearse(self) -> None:
        """Migrate a copy of the database with the new version, while the old one serves."""
        if not self.migrates or self.backup is None:
            return
        copy = TEMPORARY + promote.stamp()
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
        self.unavailable_since = time.monotonic()
        if self.migrates:
            self.copy = KEPT + promote.stamp()
            self.undo.callback(self._restore_data)
            with step("Stopping the old version"):
                self.old.stop()
            with step("Keeping a copy of the database"):
                self.database.create(self.copy, template=self.database.name)

    def _restore_data(self) -> None:
        """Restore the data as it was before the migrations, and start the old version."""
        if self.copy in self.database.databases():
            if self.database.migrations() != self.database.migrations(self.copy):
                failed = TEMPORARY + promote.stamp()
                self.database.exchange(self.copy, failed)
                self.database.drop(failed)
            else:
                # Nothing was migrated, and data that was written since then is kept.
                self.database.drop(self.copy)
        standby.serve_again(self.project, self.old)

    def start_standby(self) -> None:
        if self.new is None:
            return
        if self.database.is_external:
            # Out of reach from the inner network: it needs the one that gives it the port.
            self.undo.callback(standby.serve_again, self.project, self.old)
            if not self.migrates:
                self.unavailable_since = time.monotonic()
                with step("Stopping the old container"):
                    self.old.stop()
            standby.take_port(self.project, self.old, self.new)
        # Nothing may write to the data before it is restored.
        self.undo.callback(self.new.stop)
        self.new.start()
        standby.wait_until_healthy("app", self.new, "The new version")

    def switch_port(self) -> None:
        if self.new is None:
            return
        if self.database.is_external:
            say(f"The app was unavailable for {time.monotonic() - self.unavailable_since:.1f} s.")
            return
        if not self.migrates:
            self.undo.callback(standby.serve_again, self.project, self.old)
        seconds = standby.switch_port(self.project, self.old, self.new)
        if self.migrates:
            say(f"The app was unavailable for {time.monotonic() - self.unavailable_since:.1f} s.")
        else:
            say(f"The app was unavailable for less than {seconds:.1f} s.")

    def replace_database(self) -> None:
        """Replace a database container whose settings changed; only one may use the files."""
        if self.database.is_external:
            return
        db = self.project.containers()["db"]
        if not self._is_outdated("db", db):
            return
        self.undo.callback(self._restore_database_container, db)
        new = standby.create(self.project, "db")
        with step("Stopping the database's old container"):
            db.stop()
        new.start()
        standby.wait_until_healthy("db", new, "The database's new container")
        self.old_db = db

    def _restore_database_container(self, old: Container) -> None:
        standby.remove(self.project, "db", old)
        old.start()
        standby.wait_until_healthy("db", old, "The database's old container")

    def verify(self) -> None:
        if self.verified is None:
            return
        if self.new is not None and not self.migrates:
            # While both run, the checks would look at the older one.
            with step("Stopping the old container"):
                self.old.stop()
        if not self.verified():
            raise Failure(
                "The new version does not pass the smoke checks.",
                f"What they found is above; correct it, then: inv {self.project.mode.name}.upgrade",
            )

    def finish(self) -> None:
        """Keep the new version, and remove what is no longer needed, without interruption."""
        with signals.uninterruptible():
            self.undo.commit()
            if self.new is not None:
                with step("Removing the old container"):
                    standby.retire(self.old, self.new)
            if self.old_db is not None:
                standby.retire(self.old_db, self.project.containers()["db"])
            if self.copy:
                self.database.drop(self.copy)
            if self.before.id != (self.new or self.old).attrs["Image"]:
                app_image.tag(self.project.name, self.before, PREVIOUS)
            if self.old_db is not None:
                # Not before: the old image would have the old order.
                collations.refresh(self.database)

    def _app_is_outdated(self) -> bool:
        newest = app_image.is_newest(self.project.name, self.project.client, self.old)
        return not newest or self._is_outdated("app", self.old)

    def _is_outdated(self, service: str, container: Container) -> bool:
        wanted = self.project.environment[f"{service.upper()}_DIGEST"]
        return bool(container.labels.get(DIGEST_LABEL) != wanted)


@dataclass
class Replacement(Rollout):
    """New containers of the image that serves, for changed settings alone."""

    STEPS: ClassVar[tuple[str, ...]] = (
        *("take_image", "create_standby", "start_standby"),
        *("switch_port", "replace_database", "finish"),
    )

    def take_image(self) -> None:
        app_image.tag(self.project.name, self.before, LATEST)
