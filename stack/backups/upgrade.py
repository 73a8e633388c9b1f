"""A new version of production: rehearsed on a copy, put in service, verified, or all as before."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from stack import app_image, doctor, images, lifecycle, swap
from stack.app_image import LATEST, PREVIOUS
from stack.backups import archive, exchange, folder, restore, schema, server
from stack.backups.exchange import KEPT
from stack.backups.restore import BESIDE
from stack.backups.server import DATABASE, Server
from stack.backups.take import take
from stack.console import Failure, say, step
from stack.going_back import or_back
from stack.modes import Stack

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.models.images import Image


def upgrade(
    stack: Stack,
    client: DockerClient,
    *,
    image: str = "",
    may_be_verified: Callable[[], bool],
    verified: Callable[[], bool],
) -> None:
    """Replace the running version by the checkout's, or by `image`, with a backup in hand.

    `verified` says whether the version that runs now keeps its promises; `may_be_verified`, asked
    before anything else, whether that can be found out: not while the alarm is armed. Raises
    Failure with everything as it was before (exit status 1; 130 after Ctrl-C), or saying what is
    not (2).
    """
    lifecycle.require_own_checkout(stack, client)
    lifecycle.require_running(stack, client)
    doctor.require_disk()
    lifecycle.wait_until_ready(stack, client)
    if not may_be_verified():
        raise Failure(
            "The smoke checks cannot be made now, so no upgrade could be verified.",
            f"What they say is above; mend it, then: inv {stack.mode.name}.upgrade",
        )
    with folder.lock(stack), server.serving(stack, client) as database:
        app = lifecycle.containers(stack, client)["app"]
        before = app_image.of(app, client)
        say("What git has checked out is what you get; to get something newer first: git pull")
        backup = take(stack, client, folder.default(stack))
        with or_back("The upgrade failed") as back:
            back.append(lambda: app_image.tag(stack, before, LATEST))
            stack = _new_image(stack, client, image)
            copy = _switch(stack, database, backup, back)
            if not verified():
                raise Failure(
                    "The new version does not pass the smoke checks.",
                    f"What they found is above; mend it, then: inv {stack.mode.name}.upgrade",
                )
        app_image.tag(stack, before, PREVIOUS)
        database.drop(copy)
    _tell(stack, client, before, backup)


def after_a_rehearsal(stack: Stack, client: DockerClient, back: list[Callable[[], None]]) -> None:
    """Put the stack's image in service, which migrates the database; `back` has its undoing."""
    with folder.lock(stack), server.serving(stack, client) as database:
        backup = take(stack, client, folder.default(stack))
        database.drop(_switch(stack, database, backup, back))


def _new_image(stack: Stack, client: DockerClient, image: str) -> Stack:
    """Have the new image under the name that the stack starts; pull or build it."""
    stack = lifecycle.prepare(stack, client)
    if not image:
        lifecycle.build(stack, client)
        return stack
    if not images.is_local(client, image):
        images.pull(image)
    app_image.tag(stack, client.images.get(image), LATEST)
    return stack


def _rehearse(stack: Stack, database: Server, path: Path) -> bool:
    """Put the backup into a database of its own and let the new version migrate that.

    Returns whether it did. Raises Failure while the running version serves as ever.
    """
    remedy = "Check out a newer version; this one would be a step back"
    schema.require_known(stack, database.client, database.migrations(), "The database", remedy)
    copy = BESIDE + exchange.stamp()
    try:
        with archive.opened(path) as backup:
            restore.require_room(database, backup)
            restore.fill(database, copy, backup)
        before = database.migrations(copy)
        with step("Rehearsing the migrations on it"):
            schema.bring_up_to_date(stack, copy)
        return database.migrations(copy) != before
    finally:
        database.drop(copy)


def _switch(stack: Stack, database: Server, backup: Path, back: list[Callable[[], None]]) -> str:
    """Let the new version take over from the old one, after a rehearsal.

    Returns the name of the copy of the database as it was, which is there if this has migrated it.
    """
    copy = KEPT + exchange.stamp()
    if not _rehearse(stack, database, backup):
        # The image of before has its name again when this is done.
        back.insert(0, lambda: swap.put_in_service(stack, database.client))
        swap.put_in_service(stack, database.client, back)
        return copy
    started = time.monotonic()
    back.insert(0, lambda: _return_to(stack, database, copy))
    exchange.stop_app(stack)
    with step("Keeping a copy of the database"):
        database.create(copy, template=DATABASE)
    lifecycle.start(stack, database.client)
    say(f"The panel was away for {time.monotonic() - started:.1f} s.")
    return copy


def _return_to(stack: Stack, database: Server, copy: str) -> None:
    """The version of before, whose image has its name again, with the data that it had."""
    exchange.stop_app(stack)
    if copy in database.databases():
        if database.migrations() != database.migrations(copy):
            failed = BESIDE + exchange.stamp()
            database.exchange(copy, failed)
            copy = failed
        # Else nothing was migrated, and what came in meanwhile is worth keeping.
        database.drop(copy)
    lifecycle.start(stack, database.client)


def _tell(stack: Stack, client: DockerClient, before: Image, backup: Path) -> None:
    app = lifecycle.containers(stack, client)["app"]
    now, then = _version(app.labels), _version(before.labels)
    say(f"✓ {stack.project} runs {now}, before {then}.", "bold green")
    revision = before.labels.get("org.opencontainers.image.revision", "…").removesuffix("-dirty")
    verb = f"inv {stack.mode.name}"
    say(f"Back by hand: git checkout {revision} && {verb}.build && {verb}.restore {backup.name}")


def _version(labels: Mapping[str, str]) -> str:
    label = "org.opencontainers.image."
    return f"{labels.get(label + 'version')} ({labels.get(label + 'revision')})"
