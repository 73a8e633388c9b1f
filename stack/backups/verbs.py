"""What a person types about backups; `tasks.py` lists these verbs with the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from stack import modes
from stack.console import agreed
from stack.modes import MODES, Stack


def _stack(ctx: Context) -> Stack:
    return modes.standard(MODES[ctx.mode])


@contextmanager
def _nothing_done_if_interrupted() -> Iterator[None]:
    from stack import interrupts

    try:
        with interrupts.once():
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
    from stack import engine
    from stack.backups import folder, take

    stack, kept = _stack(ctx), folder.parse_keep(keep)
    client, where = engine.client(), folder.chosen(_stack(ctx), to)
    with _nothing_done_if_interrupted(), folder.lock(stack):
        print(take.take(stack, client, where))
        if kept:
            folder.prune(where, stack, kept)


@task(
    help={
        "folder": "another folder than .backups/",
        "verify": "read every file and compare all checksums",
        "json": "print JSON for a script",
    },
)
def backups(ctx: Context, folder: str = "", verify: bool = False, json: bool = False) -> None:
    """List the backups: age, size, version, schema, and whether they can be trusted."""
    from stack.backups import folder as folders
    from stack.backups import listing

    where = folders.chosen(_stack(ctx), folder)
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
    from stack import engine
    from stack.backups import restore

    def agree(warning: str) -> None:
        if not yes and not agreed(warning, _stack(ctx).project):
            raise Exit("Nothing was changed.", code=1)

    with _nothing_done_if_interrupted():
        restore.restore(_stack(ctx), engine.client(), file, agree=agree, keep_old=keep_old)


@task(
    help={
        "at": "when, every day, in this machine's time",
        "keep": "how many backups to keep",
        "to": "another folder than .backups/",
    },
)
def schedule(ctx: Context, at: str = "03:30", keep: str = "14", to: str = "") -> None:
    """Print a systemd timer and a cron line for a backup every night."""
    from stack.backups import folder, schedule

    kept = folder.parse_keep(keep) or 14
    print(schedule.printed(_stack(ctx), at=at, keep=kept, to=to), end="")


@task(help={"image": "this image instead of one built from the checkout; pulled if need be"})
def upgrade(ctx: Context, image: str = "") -> None:
    """Backup, build, rehearse, swap, verify with the smoke checks; or all is as before."""
    from stack import engine, smoke
    from stack.backups import upgrade

    with _nothing_done_if_interrupted():
        upgrade.upgrade(
            _stack(ctx),
            engine.client(),
            image=image,
            # Any of the tests: the first thing that each does is to look whether it may.
            may_be_verified=lambda: smoke.run(ctx.mode, "-k", "test_health_is_ok") == 0,
            verified=lambda: smoke.run(ctx.mode) == 0,
        )


# In development a save is the upgrade, and the image alone would be no way back.
PROD_ONLY = (upgrade,)
