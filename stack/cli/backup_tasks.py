"""The tasks about the data, which `tasks.py` lists with the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from stack.cli import interrupted
from stack.compose import checkout
from stack.compose.project import Project
from stack.config.modes import CLUSTER, MODES
from stack.core.console import confirm

if TYPE_CHECKING:
    from stack.backup.data import Data


def _project(ctx: Context) -> Project:
    if ctx.mode == CLUSTER.name:
        from stack.cluster import commands  # start-up time of inv --list

        return commands.project()
    return checkout.project_of(MODES[ctx.mode])


def _data(ctx: Context) -> Data:
    """What a mode's stack has, or the cluster."""
    if ctx.mode == CLUSTER.name:
        from stack.cluster import commands  # start-up time of inv --list

        return commands.data()
    from stack.backup.data import Data  # start-up time of inv --list

    return Data(_project(ctx))


@task(
    help={
        "to": "another folder than .backups/",
        "keep": "delete all but this many of the newest backups of this stack in that folder",
    },
)
def backup(ctx: Context, to: str = "", keep: str = "") -> None:
    """Write the database and the settings into one file that is checked."""
    from stack.backup import store  # start-up time of inv --list

    kept = store.parse_keep(keep)
    with interrupted.in_two_lines():
        _data(ctx).backup(to, kept)


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
        "keep-old": "keep the previous database, and print how to restore it",
        "yes": "do not ask",
    },
)
def restore(ctx: Context, file: str, keep_old: bool = False, yes: bool = False) -> None:
    """Put a backup back, after asking; the old database serves until the new one answers."""

    def agree(warning: str) -> None:
        if not yes and not confirm(warning, _project(ctx).name):
            raise Exit("Nothing was changed.", code=1)

    with interrupted.in_two_lines():
        _data(ctx).restore(file, agree=agree, keep_old=keep_old)


@task(help={"image": "this image instead of one built from the checkout; pulled if need be"})
def upgrade(ctx: Context, image: str = "") -> None:
    """Back up, build, rehearse, switch, verify with the smoke checks; roll back if that fails."""
    from stack.cli import smoke  # start-up time of inv --list
    from stack.deploy import upgrade  # start-up time of inv --list

    with interrupted.in_two_lines():
        upgrade.upgrade(
            _project(ctx),
            image=image,
            # Each smoke check refuses an armed alarm, so running one of them answers the question.
            may_be_verified=lambda: smoke.run(ctx.mode, "-k", "test_health_is_ok") == 0,
            verified=lambda: smoke.run(ctx.mode) == 0,
        )


@task
def upgrade_database(ctx: Context) -> None:
    """Move the data to the version of PostgreSQL that POSTGRES_IMAGE has; keep the old volume."""
    from stack.deploy import upgrade_database  # start-up time of inv --list

    with interrupted.in_two_lines():
        upgrade_database.upgrade_database(_project(ctx))


@task
def rotate_password(ctx: Context) -> None:
    """Give the database a new password, also where the old one is lost."""
    from stack.deploy import rotate_password  # start-up time of inv --list

    with interrupted.in_two_lines():
        rotate_password.rotate_password(_project(ctx))


OF_DATA = (backup, backups, restore)

# In development, saving a file is the upgrade, and an older image alone undoes nothing. The
# database's password is public there.
PROD_ONLY = (upgrade, rotate_password)
