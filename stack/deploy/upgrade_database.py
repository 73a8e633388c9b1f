"""`inv prod.upgrade-database`: the data moves to another major version of PostgreSQL.

A second server, with the new version and a volume of its own, is filled beside the one that serves:
once to rehearse it, and once more when the app has stopped. `.env` then names the new volume. The
old volume is kept.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

from stack.backup import archive, create, restore, store
from stack.backup.create import PG_DUMP
from stack.backup.restore import PG_RESTORE
from stack.compose import health, lifecycle
from stack.compose.project import NUMBER_LABEL, Project
from stack.config import checkout_files
from stack.config.modes import PROD
from stack.core import files, signals
from stack.core.console import Failure, say, step
from stack.core.rollback import Undo, report_interrupt_after_commit, rollback
from stack.database import major, password, promote
from stack.database.promote import KEPT, TEMPORARY
from stack.database.server import DATABASE, USER, Server
from stack.deploy import rollout, standby
from stack.deploy.rollout import Replacement


def upgrade_database(project: Project) -> None:
    """Move the data to the version of PostgreSQL that the settings name.

    Raises Failure, with everything as it was before.
    """
    lifecycle.require_own_checkout(project)
    if project.is_external:
        raise Failure(
            f"The database of {project.name} is external, and so is its version.",
            "Upgrade it at its server; then name that version's programs: POSTGRES_IMAGE in .env",
        )
    create.require_data(project)
    with store.lock(project):
        project = lifecycle.prepare(project)
        version = _require_newer(project)
        standby.remove_leftovers(project)
        health.wait_until_ready(project)
        password.require_fitting(project)
        run = DatabaseUpgrade(project, version)
        remedy = f"See what runs: inv {project.mode.name}.status"
        with report_interrupt_after_commit(run.undo, "the upgrade of the database", remedy):
            run.run()
            _use_settings(project)
            run.tell()


def _require_newer(project: Project) -> int:
    """The major version of the image. Raises Failure where the data is not older and serving."""
    image, verb = major.image_of(project), f"inv {project.mode.name}"
    made_by, version = major.of_data(project, image), major.of_image(project.client, image)
    if made_by is None or made_by == version:
        raise Failure(
            f"The database of {project.name} is PostgreSQL {version} already, as {image} is.",
            f"For a newer one, set it in .env, e.g. {major.VARIABLE}=postgres:{version + 1}",
        )
    if version < made_by:
        major.require_readable(project)
    if not promote.Container(project).runs():
        raise Failure(
            f"The {project.mode.name} stack does not run.",
            f"Start it as it was: {major.VARIABLE}=postgres:{made_by} {verb}",
        )
    return version


@dataclass
class DatabaseUpgrade:
    """One run: `run` does the steps in the order of STEPS."""

    STEPS = (
        *("back_up", "start_successor", "rehearse", "stop_app", "copy"),
        *("switch", "start_app", "finish"),
    )

    project: Project
    version: int
    undo: Undo = field(default_factory=Undo)

    def __post_init__(self) -> None:
        found = self.project.containers()
        self.app, self.old = found["app"], found["db"]
        self.database = Server(self.project)
        self.not_moved = sorted(d for d in self.database.databases() if d.startswith(KEPT))
        self.previous_volume = self.project.data_volume
        self.setting = {self.project.volume_variable: f"db_data_{self.version}"}
        self.after = self.project.with_settings(**self.setting)

    def run(self) -> None:
        """Do it all, or roll back: Failure says which."""
        with rollback("The database was not upgraded", self.undo):
            for name in self.STEPS:
                getattr(self, name)()

    def back_up(self) -> None:
        if self.after.has_data():
            volume = self.after.data_volume
            raise Failure(
                f"The volume {volume} exists already.",
                f"If nothing in it is needed: docker volume rm {volume}",
            )
        self.backup = create.create_backup(self.project, store.default(self.project))

    def start_successor(self) -> None:
        """Start a second server, out of the app's reach."""
        self.undo.callback(self._remove_successor)
        self.new = standby.create(self.after, "db")
        (self.network,) = self.new.attrs["NetworkSettings"]["Networks"]
        self._join()
        self.new.start()
        standby.wait_until_healthy("db", self.new, "The new database")
        self.successor = Server(self.after, self.new.labels[NUMBER_LABEL])

    def _join(self, *aliases: str) -> None:
        network = self.project.client.networks.get(self.network)
        network.disconnect(self.new)
        network.connect(self.new, aliases=list(aliases))

    def _remove_successor(self) -> None:
        standby.remove(self.project, "db", self.old)
        if self.after.has_data():
            self.project.client.volumes.get(self.after.data_volume).remove()

    def rehearse(self) -> None:
        copy = TEMPORARY + promote.stamp()
        with archive.opened(self.backup) as backup:
            restore.require_room(self.successor, backup)
            restore.fill(self.successor, copy, backup)
        self.successor.drop(copy)

    def stop_app(self) -> None:
        self.unavailable_since = time.monotonic()
        self.undo.callback(self._start)
        promote.Container(self.project).stop()

    def copy(self) -> None:
        """Copy what is there now; the app writes nothing more."""
        with step("Copying the database"):
            dump = self.database.output_of(*PG_DUMP, USER, DATABASE)
            self.successor.feed(dump, *PG_RESTORE, USER, f"--dbname={DATABASE}")
            before, after = (create.counts(s, DATABASE) for s in (self.database, self.successor))
            if before != after:
                differing = sorted(set(before.items()) ^ set(after.items()))
                raise Failure(
                    f"Not every row came back: {differing[0][0]} differs.",
                    "The old database serves as before; try again",
                )

    def switch(self) -> None:
        """Let `.env` name the new volume: from here on a start uses it, also after a power cut."""
        env = self.project.root / ".env"
        self.undo.callback(files.replace, env, env.read_bytes(), env.stat().st_mode & 0o777)
        self.undo.callback(self._serve_from_old)
        named = {name: os.environ[name] for name in (major.VARIABLE,) if os.environ.get(name)}
        checkout_files.save(self.project.root, self.setting | named)
        with step("Stopping the old database"):
            self.old.stop()
        self._join("db")

    def _serve_from_old(self) -> None:
        standby.remove(self.project, "db", self.old)
        self.old.start()
        standby.wait_until_healthy("db", self.old, "The old database")

    def start_app(self) -> None:
        # What it wrote until a rollback would be lost, so it stops before that.
        self.undo.callback(self.app.stop)
        self._start()

    def _start(self) -> None:
        self.app.start()
        standby.wait_until_healthy("app", self.app, "The app")

    def finish(self) -> None:
        """Keep the new database, and remove the old one's container, without interruption."""
        with signals.uninterruptible():
            self.undo.commit()
            say(f"The app was unavailable for {time.monotonic() - self.unavailable_since:.1f} s.")
            standby.retire(self.old, self.new)

    def tell(self) -> None:
        """Say what runs now, and what was kept."""
        project = self.project
        say(f"✓ {project.name} runs PostgreSQL {self.version}.", style="bold green")
        say(f"The old data is kept in the volume {self.previous_volume}.")
        if self.not_moved:
            say(f"Only there are: {', '.join(self.not_moved)}")
        say(f"  delete it:  docker volume rm {self.previous_volume}")


def _use_settings(project: Project) -> None:
    """Start the app again with `.env` as it is now, which is a setting of its container."""
    after = lifecycle.prepare(project, tell=False)
    app = rollout.replaceable_app(after) if project.mode is PROD else None
    if app is None:
        lifecycle.start(after)
    else:
        Replacement(after, app).run("The app's container was not replaced")
