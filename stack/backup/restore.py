"""Putting a backup back: checked first, filled in beside the old database, exchanged at the end."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Callable

from stack.backup import archive, create, store
from stack.backup.archive import Backup, human
from stack.compose import lifecycle
from stack.compose.project import Project
from stack.config.modes import PROD
from stack.core import signals
from stack.core.console import Failure, say, step
from stack.core.rollback import Undo, rollback, truth_after_commit
from stack.database import migrations, promote, server
from stack.database.promote import BESIDE, KEPT
from stack.database.server import DATABASE, USER, Server
from stack.images import base_images

RESERVE = 256 * 1024**2
"""Bytes that stay free beside what the restored database takes."""

PG_RESTORE = ("pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", USER)


def restore(
    project: Project,
    text: str,
    *,
    agree: Callable[[str], None],
    keep_old: bool = False,
) -> None:
    """Put the backup that `text` names into service, or the database that an earlier one has kept.

    `agree` gets the warning of what is replaced, and raises to refuse. Raises
    Failure with everything as it was before.
    """
    lifecycle.require_own_checkout(project)
    undo = Undo()
    remedy = f"See what runs: inv {project.mode.name}.status"
    with store.lock(project), truth_after_commit(undo, "the restore", remedy):
        if text.startswith(KEPT):
            _put_back_kept(project, text, agree, undo, keep_old=keep_old)
            return
        with archive.opened(store.find(project, text)) as backup:
            with step(f"Checking {backup.path.name}") as detail:
                backup.verify(detail)
            project = ready_for_one_offs(project)
            with server.serving(project) as database:
                _require_restorable(project, database, backup)
                agree(_warning(project, backup))
                Restore(project, database, undo, keep_old=keep_old, backup=backup).run()
            _tell_secret_key(project, backup)


class Restore:
    """Putting a database into service: `run` does the steps in the order of STEPS."""

    STEPS = ("fill", "migrate", "promote", "finish")

    def __init__(
        self,
        project: Project,
        database: Server,
        undo: Undo,
        *,
        keep_old: bool,
        backup: Backup | None = None,
        kept: str = "",
    ) -> None:
        """Of `backup`, or the database `kept` that an earlier restore has kept."""
        self.project = project
        self.database = database
        self.keep_old = keep_old
        self.backup = backup
        self.newcomer = kept or BESIDE + promote.stamp()
        self.before = ""
        self.undo = undo

    def run(self) -> None:
        """Do it all, or roll back: Failure says which."""
        with rollback("The restore failed", self.undo):
            for name in self.STEPS:
                getattr(self, name)()

    def fill(self) -> None:
        if self.backup is not None:
            self.undo.callback(self.database.drop, self.newcomer)
            fill(self.database, self.newcomer, self.backup)

    def migrate(self) -> None:
        if self.backup is not None:
            with step("Bringing it up to date with this version"):
                migrations.bring_up_to_date(self.project, self.newcomer)

    def promote(self) -> None:
        self.before = promote.promote(self.project, self.database, self.newcomer, self.undo)

    def finish(self) -> None:
        """The restored database stays: nothing interrupts or undoes what is left to do."""
        with signals.uninterruptible():
            self.undo.commit()
            _finish(self.project, self.database, self.before, keep_old=self.keep_old)


def ready_for_one_offs(project: Project) -> Project:
    """The stack with its base images chosen and its image built, if there was none."""
    project = lifecycle.prepare(project, tell=False)
    if not base_images.is_local(project.client, f"{project.name}-app"):
        lifecycle.build(project)
    return project


def fill(database: Server, name: str, backup: Backup) -> None:
    """Make a database of the dump, with as many rows in each table as were counted with it."""
    for left in database.databases():
        if left.startswith(BESIDE):
            database.drop(left)
    database.create(name)
    with step("Filling a database beside the old one") as detail:
        chunks = create.measured(backup.chunks(backup.dump), detail)
        database.feed(chunks, *PG_RESTORE, f"--dbname={name}")
        if (found := create.counts(database, name)) != backup.manifest.tables:
            differing = sorted(set(found.items()) ^ set(backup.manifest.tables.items()))
            raise Failure(
                f"Not every row came back: {differing[0][0]} differs.",
                "Use another backup; nothing was changed",
            )


def _require_restorable(project: Project, database: Server, backup: Backup) -> None:
    """Raise Failure while nothing has been touched."""
    with step("Checking that it fits this version and this disk"):
        database.feed(backup.chunks(backup.dump), "pg_restore", "--list")
        migrations.require_known(
            project,
            backup.manifest.migrations,
            backup.path.name,
            f"Check out what it was made with: git checkout {backup.manifest.revision}",
        )
        require_room(database, backup)


def require_room(database: Server, backup: Backup) -> None:
    """Raise Failure where a second database as large as the backup's does not fit."""
    needed, free = backup.manifest.database_bytes + RESERVE, database.free_bytes()
    if free < needed:
        raise Failure(
            f"The database's disk has {human(free)} free; {human(needed)} are needed.",
            "Make room, for example: docker builder prune",
        )


def _warning(project: Project, backup: Backup) -> str:
    manifest = backup.manifest
    return (
        f"This replaces the database of {project.name} by that of {manifest.project} "
        f"at {manifest.created_at}: {create.described(manifest)}."
    )


def _put_back_kept(
    project: Project, name: str, agree: Callable[[str], None], undo: Undo, *, keep_old: bool
) -> None:
    """Restore the database that an earlier restore has kept."""
    project = ready_for_one_offs(project)
    with server.serving(project) as database:
        if name not in database.databases():
            kept = sorted(d for d in database.databases() if d.startswith(KEPT))
            raise Failure(
                f"There is no database {name}.",
                f"Those that were kept: {', '.join(kept) or 'none'}",
            )
        remedy = "Check out the version that it was used with, then again"
        migrations.require_known(project, database.migrations(name), name, remedy)
        agree(f"This replaces the database of {project.name} by {name}.")
        Restore(project, database, undo, keep_old=keep_old, kept=name).run()


def _finish(project: Project, database: Server, before: str, *, keep_old: bool) -> None:
    verb = f"inv {project.mode.name}"
    if keep_old:
        say(f"The database of before is kept as {before}.")
        say(f"  go back to it:  {verb}.restore {before}")
        drop = project.command("exec", "db", "dropdb", USER, before)
        say(f"  or delete it:   {shlex.join(drop)}")
    else:
        database.drop(before)
    running = promote.runs(project)
    say(f"✓ {DATABASE} of {project.name} is restored.", style="bold green")
    say(f"Open {project.url}" if running else f"The stack is down, as it was. Start it: {verb}")


def _tell_secret_key(project: Project, backup: Backup) -> None:
    """Say so where this machine's key does not open what the backup's app has encrypted."""
    kept = backup.member(archive.SECRET_KEY)
    own = project.root / ".secrets" / archive.SECRET_KEY
    if project.mode is not PROD or kept is None:
        return
    if own.exists() and hashlib.sha256(own.read_bytes()).hexdigest() == kept.sha256:
        return
    say("This machine's secret key is another than the backup's: sessions end, and passwords of")
    say("integrations have to be entered again; or put the backup's key back, then: inv prod")
    tar = f"tar -xOf {shlex.quote(str(backup.path.resolve()))} {archive.SECRET_KEY}"
    say(f"  {tar} | install -m 444 /dev/stdin .secrets/{archive.SECRET_KEY}")
