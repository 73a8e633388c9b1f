"""Restoring a backup: check it, fill a database beside the old one, promote that."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field

from stack.backup import archive, create, media, store
from stack.backup.archive import Backup, Member, human
from stack.compose import address, lifecycle
from stack.compose.project import Project
from stack.config import secrets
from stack.core import signals
from stack.core.console import Failure, say, step
from stack.core.rollback import Undo, report_interrupt_after_commit, rollback
from stack.database import major, migrations, promote, server
from stack.database.promote import KEPT, TEMPORARY, App, Container
from stack.database.server import Server
from stack.images import base_images

RESERVE = 256 * 1024**2
"""Bytes that stay free on the disk after a restore."""

PG_RESTORE = ("pg_restore", "--exit-on-error", "--no-owner", "--no-privileges")


def restore(
    project: Project,
    text: str,
    *,
    agree: Callable[[str], None],
    keep_old: bool = False,
    app: App | None = None,
) -> None:
    """Put the backup that `text` names into service, or a database that --keep-old has kept.

    `agree` gets the warning of what is replaced, and raises to refuse. `app` is what serves, by
    default the project's container. Raises Failure, with everything as it was before.
    """
    lifecycle.require_own_checkout(project)
    undo = Undo()
    remedy = f"See what runs: inv {project.mode.name}.status"
    with store.lock(project), report_interrupt_after_commit(undo, "the restore", remedy):
        if text.startswith(KEPT):
            _put_back_kept(project, text, agree, undo, keep_old=keep_old, app=app)
            return
        with archive.opened(store.find(project, text)) as backup:
            with step(f"Checking {backup.path.name}") as detail:
                backup.verify(detail)
            project = ready_for_one_offs(project)
            with server.running_server(project) as database:
                require_fitting(project, database, backup)
                manifest = backup.manifest
                agree(
                    f"This replaces the database of {project.name} by that of {manifest.project} "
                    f"at {manifest.created_at}: {create.described(manifest)}."
                )
                Restore(project, database, undo, keep_old=keep_old, app=app, backup=backup).run()
            _tell_secret_key(project, backup)
            _tell_kept_apart(project, backup)


@dataclass
class Restore:
    """One run of a restore: `run` does the steps in the order of STEPS."""

    STEPS = ("fill", "migrate", "put_files_beside", "promote", "finish")

    project: Project
    database: Server
    undo: Undo
    keep_old: bool
    app: App | None = None
    """What serves; by default the project's container."""
    backup: Backup | None = None
    """None where the database exists already."""
    successor: str = field(default_factory=lambda: TEMPORARY + promote.stamp())
    """The database that becomes the app's."""
    before: str = ""
    """The name that the app's previous database has then."""

    def run(self) -> None:
        """Do it all, or roll back: Failure says which."""
        with rollback("The restore failed", self.undo):
            for name in self.STEPS:
                getattr(self, name)()

    def fill(self) -> None:
        if self.backup is not None:
            self.undo.callback(self.database.drop, self.successor)
            fill(self.database, self.successor, self.backup)

    def migrate(self) -> None:
        if self.backup is not None:
            with step("Bringing it up to date with this version"):
                migrations.bring_up_to_date(self.project, self.successor)

    def put_files_beside(self) -> None:
        if self.backup is not None and self.files is not None:
            self.undo.callback(media.discard, self.project)
            with step("Putting the uploaded files beside the old ones") as detail:
                chunks = archive.measured(self.backup.chunks(self.files), detail)
                media.put_beside(self.project, chunks)

    @property
    def files(self) -> Member | None:
        """The uploaded files in the backup. Development has its own in the checkout."""
        if self.backup is None or not self.project.mode.is_production:
            return None
        return self.backup.member(archive.MEDIA)

    def promote(self) -> None:
        """Let the app have it."""
        self.before = promote.promote(self._app, self.database, self.successor, self.undo)

    @property
    def _app(self) -> App:
        return self.app or Container(self.project)

    def replace_files(self) -> None:
        """Serve the uploaded files of the backup, where it has any."""
        if self.files is not None:
            media.replace(self.project)

    def finish(self) -> None:
        """Keep the restored database, and clean up without interruption."""
        with signals.uninterruptible():
            self.undo.commit()
            self.replace_files()
            verb = f"inv {self.project.mode.name}"
            if self.keep_old:
                drop = f"echo 'DROP DATABASE {self.before}' | {verb}.db"
                say(f"The previous database is kept as {self.before}.")
                say(f"  restore it:  {verb}.restore {self.before}")
                say(f"  delete it:   {drop}")
            else:
                self.database.drop(self.before)
            name = self.database.name
            say(f"✓ {name} of {self.project.name} is restored.", style="bold green")
            if self._app.runs():
                say(address.of(self.project).for_people())
            else:
                say(f"The stack is down, as it was. Start it: {verb}")


def ready_for_one_offs(project: Project) -> Project:
    """The stack, prepared, and with its image built if there was none."""
    project = lifecycle.prepare(project, tell=False)
    if not base_images.is_local(project.client, f"{project.name}-app"):
        lifecycle.build(project)
    return project


def fill(database: Server, name: str, backup: Backup) -> None:
    """Create a database from the dump, and compare the number of rows in each table."""
    for left in database.databases():
        if left.startswith(TEMPORARY):
            database.drop(left)
    database.create(name)
    with step("Filling a database beside the old one") as detail:
        chunks = archive.measured(backup.chunks(backup.dump), detail)
        database.feed(chunks, *PG_RESTORE, database.user, f"--dbname={name}")
        if (found := create.counts(database, name)) != backup.manifest.tables:
            differing = sorted(set(found.items()) ^ set(backup.manifest.tables.items()))
            raise Failure(
                f"Not every row came back: {differing[0][0]} differs.",
                "Use another backup; nothing was changed",
            )


def require_fitting(project: Project, database: Server, backup: Backup) -> None:
    """Raise Failure if the backup does not fit this version or this disk."""
    with step("Checking that it fits this version and this disk"):
        _require_no_newer_postgres(project, database, backup)
        database.feed(backup.chunks(backup.dump), "pg_restore", "--list")
        migrations.require_known(
            project,
            backup.manifest.migrations,
            backup.path.name,
            f"Check out what it was made with: git checkout {backup.manifest.revision}",
        )
        require_room(database, backup)


def _require_no_newer_postgres(project: Project, database: Server, backup: Backup) -> None:
    """Raise Failure if the dump is from a newer PostgreSQL; one from an older one is restored."""
    made_by, own = backup.manifest.postgres_major, database.major()
    if made_by > own:
        verb = f"inv {project.mode.name}.upgrade-database"
        remedy = f"{major.setting_for(made_by)}, then: {verb}"
        if project.is_external:
            remedy = f"Restore it into a server of PostgreSQL {made_by} or newer"
        raise Failure(
            f"{backup.path.name} was made with PostgreSQL {made_by}; {project.name} runs {own}.",
            remedy,
        )


def require_room(database: Server, backup: Backup) -> None:
    """Raise Failure if the disk has no room for a second database of that size."""
    require_bytes(database, backup.manifest.database_bytes)


def require_bytes(database: Server, number: int) -> None:
    """Raise Failure if the database's disk has no room for so many more."""
    needed, free = number + RESERVE, database.free_bytes()
    if free is not None and free < needed:
        raise Failure(
            f"The database's disk has {human(free)} free; {human(needed)} are needed.",
            "Make room, for example: docker builder prune",
        )


def _put_back_kept(
    project: Project,
    name: str,
    agree: Callable[[str], None],
    undo: Undo,
    *,
    keep_old: bool,
    app: App | None,
) -> None:
    """Restore a database that --keep-old has kept."""
    project = ready_for_one_offs(project)
    with server.running_server(project) as database:
        if name not in database.databases():
            kept = sorted(d for d in database.databases() if d.startswith(KEPT))
            raise Failure(
                f"There is no database {name}.",
                f"Those that were kept: {', '.join(kept) or 'none'}",
            )
        remedy = "Check out the version that it was used with, then again"
        applied = database.migrations(name)
        migrations.require_known(project, applied, name, remedy, is_own=True)
        agree(f"This replaces the database of {project.name} by {name}.")
        Restore(project, database, undo, keep_old=keep_old, app=app, successor=name).run()


def _tell_secret_key(project: Project, backup: Backup) -> None:
    """Say so where this machine's key cannot decrypt what the backup's app has encrypted."""
    kept = backup.member(archive.SECRET_KEY)
    own = project.root / ".secrets" / archive.SECRET_KEY
    key = own.read_bytes() if own.exists() else b""
    if not project.mode.is_production or not kept or hashlib.sha256(key).hexdigest() == kept.sha256:
        return
    say("This machine's secret key differs from the backup's: sessions end, and passwords of")
    say("integrations have to be entered again; or restore the backup's key, then: inv prod")
    tar = f"tar -xOf {shlex.quote(str(backup.path.resolve()))} {archive.SECRET_KEY}"
    say(f"  {tar} | install -m 444 /dev/stdin .secrets/{archive.SECRET_KEY}")


def _tell_kept_apart(project: Project, backup: Backup) -> None:
    """Say so where a secret that the backup does not hold is another one here."""
    own = secrets.digests_of_those_kept_apart(project.root)
    wanted = create.kept_apart(backup).items()
    for name in (n for n, digest in wanted if project.mode.is_production and own.get(n) != digest):
        say(
            f"This machine's .secrets/{name} differs from the one of the backup: what depends on it"
        )
        say("has to be set again (docs/backup.md); or put that file back, then: inv prod")
