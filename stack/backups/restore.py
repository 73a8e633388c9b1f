"""Putting a backup back: checked first, filled in beside the old database, exchanged at the end."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING

from stack import interrupts, lifecycle
from stack.backups import archive, exchange, folder, schema, server, take
from stack.backups.archive import Backup, human
from stack.backups.exchange import KEPT
from stack.backups.server import DATABASE, USER, Server
from stack.console import Failure, say, step
from stack.modes import PROD, Stack

if TYPE_CHECKING:
    from docker import DockerClient

BESIDE = "alarm_db_restore_"
"""What the name of a database begins with that a backup is being filled into."""

RESERVE = 256 * 1024**2
"""Bytes that stay free beside what the restored database takes."""

PG_RESTORE = ("pg_restore", "--exit-on-error", "--no-owner", "--no-privileges", USER)


def restore(
    stack: Stack,
    client: DockerClient,
    text: str,
    *,
    agree: Callable[[str], None],
    keep_old: bool = False,
) -> None:
    """Put the backup that `text` names into service, or the database that an earlier one has kept.

    `agree` is told what will be replaced, and raises if the person does not want that. Raises
    Failure with everything as it was before.
    """
    lifecycle.require_own_checkout(stack, client)
    with folder.lock(stack):
        if text.startswith(KEPT):
            _put_back_kept(stack, client, text, agree, keep_old=keep_old)
            return
        with archive.opened(folder.find(stack, text)) as backup:
            with step(f"Checking {backup.path.name}") as detail:
                backup.verify(detail)
            stack = ready_for_one_offs(stack, client)
            with server.serving(stack, client) as database:
                _require_restorable(stack, database, backup)
                agree(_warning(stack, backup))
                newcomer = BESIDE + exchange.stamp()
                try:
                    fill(database, newcomer, backup)
                    with step("Bringing it up to date with this version"):
                        schema.bring_up_to_date(stack, newcomer)
                    before = exchange.put_in_service(stack, client, database, newcomer)
                finally:
                    database.drop(newcomer)
                with interrupts.held_back():
                    _finish(stack, client, database, before, keep_old=keep_old)
            _tell_secret_key(stack, backup)


def ready_for_one_offs(stack: Stack, client: DockerClient) -> Stack:
    """The stack with its base images chosen and its image built, if there was none."""
    from stack import images

    stack = lifecycle.prepare(stack, client, tell=False)
    if not images.is_local(client, f"{stack.project}-app"):
        lifecycle.build(stack, client)
    return stack


def fill(database: Server, name: str, backup: Backup) -> None:
    """Make a database of the dump, with as many rows in each table as were counted with it."""
    for left in database.databases():
        if left.startswith(BESIDE):
            database.drop(left)
    database.create(name)
    with step("Filling a database beside the old one") as detail:
        chunks = take.measured(backup.chunks(backup.dump), detail)
        database.feed(chunks, *PG_RESTORE, f"--dbname={name}")
        if (found := take.counts(database, name)) != backup.manifest.tables:
            differing = sorted(set(found.items()) ^ set(backup.manifest.tables.items()))
            raise Failure(
                f"Not every row came back: {differing[0][0]} differs.",
                "Use another backup; nothing was changed",
            )


def _require_restorable(stack: Stack, database: Server, backup: Backup) -> None:
    """Raise Failure while nothing has been touched."""
    with step("Checking that it fits this version and this disk"):
        database.feed(backup.chunks(backup.dump), "pg_restore", "--list")
        schema.require_known(
            stack,
            database.client,
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


def _warning(stack: Stack, backup: Backup) -> str:
    manifest = backup.manifest
    return (
        f"This replaces the database of {stack.project} by that of {manifest.project} "
        f"at {manifest.created_at}: {take.described(manifest)}."
    )


def _put_back_kept(
    stack: Stack, client: DockerClient, name: str, agree: Callable[[str], None], *, keep_old: bool
) -> None:
    """The way back from a restore that kept the database of before."""
    stack = ready_for_one_offs(stack, client)
    with server.serving(stack, client) as database:
        if name not in database.databases():
            kept = sorted(d for d in database.databases() if d.startswith(KEPT))
            raise Failure(
                f"There is no database {name}.",
                f"Those that were kept: {', '.join(kept) or 'none'}",
            )
        remedy = "Check out the version that it was used with, then again"
        schema.require_known(stack, client, database.migrations(name), name, remedy)
        agree(f"This replaces the database of {stack.project} by {name}.")
        before = exchange.put_in_service(stack, client, database, name)
        with interrupts.held_back():
            _finish(stack, client, database, before, keep_old=keep_old)


def _finish(
    stack: Stack, client: DockerClient, database: Server, before: str, *, keep_old: bool
) -> None:
    verb = f"inv {stack.mode.name}"
    if keep_old:
        say(f"The database of before is kept as {before}.")
        say(f"  go back to it:  {verb}.restore {before}")
        drop = stack.compose("exec", "db", "dropdb", USER, before)
        say(f"  or delete it:   {shlex.join(drop)}")
    else:
        database.drop(before)
    running = exchange.runs(stack, client)
    say(f"✓ {DATABASE} of {stack.project} is restored.", style="bold green")
    say(f"Open {stack.url}" if running else f"The stack is down, as it was. Start it: {verb}")


def _tell_secret_key(stack: Stack, backup: Backup) -> None:
    """Say so where this machine's key does not open what the backup's app has encrypted."""
    kept = backup.member(archive.SECRET_KEY)
    own = stack.root / ".secrets" / archive.SECRET_KEY
    if stack.mode is not PROD or kept is None:
        return
    if own.exists() and hashlib.sha256(own.read_bytes()).hexdigest() == kept.sha256:
        return
    say("This machine's secret key is another than the backup's: sessions end, and passwords of")
    say("integrations have to be entered again; or put the backup's key back, then: inv prod")
    tar = f"tar -xOf {shlex.quote(str(backup.path.resolve()))} {archive.SECRET_KEY}"
    say(f"  {tar} | install -m 444 /dev/stdin .secrets/{archive.SECRET_KEY}")
