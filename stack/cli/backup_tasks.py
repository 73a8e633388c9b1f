"""What a person types about backups; `tasks.py` lists these verbs with the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from stack.compose import checkout
from stack.compose.project import Project
from stack.config.modes import MODES
from stack.core import signals
from stack.core.console import agreed


def _project(ctx: Context) -> Project:
    return checkout.standard(MODES[ctx.mode])


@contextmanager
def _nothing_done_if_interrupted() -> Iterator[None]:
    try:
        with signals.interrupt_once():
            yield
    except KeyboardInterrupt:
        raise Exit("✗ Interrupted.\n  → Nothing was changed or left behind.", 130) from None


@task(
    help={
        "to": "another folder than .backups/",
        "keep": "delete all but this many of the newest backups of this stack in that folder",
    },
)
def backup(ctx: Context, to: str = "", keep: str = "") -> None:
    """Write the database and the settings into one file that is checked."""
    from stack.backup import create, store  # start-up time of inv --list

    project, kept = _project(ctx), store.parse_keep(keep)
    where = store.chosen(project, to)
    with _nothing_done_if_interrupted(), store.lock(project):
        path = create.create_backup(project, where)
        with signals.uninterruptible():
            print(path)
            if kept:
                store.prune(where, project, kept)


@task(
    help={
        "folder": "another folder than .backups/",
        "verify": "read every file and compare all checksums",
        "json": "print JSON for a script",
    },
)
def backups(ctx: Context, folder: str = "", verify: bool = False, json: bool = False) -> None:
    """List the backups: age, size, version, schema, and whether they can be trusted."""
    from stack.backup import listing, store  # start-up time of inv --list

    where = store.chosen(_project(ctx), folder)
    if json:
        print(listing.as_json(where, thorough=verify))
    elif not listing.show(where, thorough=verify) and verify:
        raise Exit(code=1)


@task(
    help={
        "file": "a path, a name from .backups, or a database that --keep-old has kept",
        "keep-old": "keep the database of before, and say how to go back to it",
        "yes": "do not ask",
    },
)
def restore(ctx: Context, file: str, keep_old: bool = False, yes: bool = False) -> None:
    """Put a backup back, after asking; the old database serves until the new one answers."""
    from stack.backup import restore  # start-up time of inv --list

    def agree(warning: str) -> None:
        if not yes and not agreed(warning, _project(ctx).name):
            raise Exit("Nothing was changed.", code=1)

    with _nothing_done_if_interrupted():
        restore.restore(_project(ctx), file, agree=agree, keep_old=keep_old)


@task(help={"image": "this image instead of one built from the checkout; pulled if need be"})
def upgrade(ctx: Context, image: str = "") -> None:
    """Backup, build, rehearse, swap, verify with the smoke checks; or all is as before."""
    from stack.cli import smoke  # start-up time of inv --list
    from stack.deploy import upgrade  # start-up time of inv --list

    with _nothing_done_if_interrupted():
        upgrade.upgrade(
            _project(ctx),
            image=image,
            # Any of the tests: the first thing that each does is to look whether it may.
            may_be_verified=lambda: smoke.run(ctx.mode, "-k", "test_health_is_ok") == 0,
            verified=lambda: smoke.run(ctx.mode) == 0,
        )


# In development a save is the upgrade, and the image alone would be no way back.
PROD_ONLY = (upgrade,)
