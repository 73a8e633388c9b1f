"""The tasks of `inv cluster…`, which `tasks.py` lists with the others; docs/cluster.md."""

from __future__ import annotations

from collections.abc import Callable

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from stack.cli import interrupted
from stack.cli.backup_tasks import OF_DATA
from stack.config.modes import PROD
from stack.core.console import confirm, require_terminal, say

GOES_ON = "Swarm goes on with what it was told already; see: inv cluster.status"


@task(
    default=True,
    help={
        "replicas": "how many containers of the app run; without it, as many as now, at first 2",
        "ha": "the database on three nodes, with Patroni; it stays so (CLUSTER_HA=1 in .env)",
    },
)
def up(ctx: Context, replicas: int = 0, ha: bool = False) -> None:
    """Make this machine's engine a cluster that serves, or bring it up to date."""
    from stack.cli import first_visit  # start-up time of inv --list
    from stack.cluster import commands  # start-up time of inv --list

    with interrupted.in_two_lines("What runs goes on as it is; to finish, type: inv cluster"):
        first_visit.show_token(commands.up(replicas=replicas or None, ha=ha))


@task(
    help={
        "replicas": "how many containers of the app run; without it 2",
        "yes": "do not ask before production stops",
    },
)
def adopt(ctx: Context, replicas: int = 0, yes: bool = False) -> None:
    """Move what inv prod has into a cluster on this machine, after a rehearsal; or roll back."""
    from stack.cli import smoke  # start-up time of inv --list
    from stack.cluster import commands  # start-up time of inv --list

    if not yes:
        require_terminal()
    with interrupted.in_two_lines():
        commands.adopt(
            replicas=replicas or None,
            agree=_agreeing(yes=yes),
            may_be_verified=lambda: smoke.run(PROD.name, "-k", "test_health_is_ok") == 0,
            verified=lambda: smoke.run(ctx.mode) == 0,
        )


@task(help={"manager": "as a manager, not a worker", "rotate": "and let the earlier line be void"})
def join(ctx: Context, manager: bool = False, rotate: bool = False) -> None:
    """Print the line with which another machine joins."""
    from stack.cluster import commands  # start-up time of inv --list

    commands.join(manager=manager, rotate=rotate)


@task
def build(ctx: Context) -> None:
    """Build the images, and push them to the cluster's registry."""
    from stack.cluster import commands  # start-up time of inv --list

    with interrupted.in_two_lines("What runs goes on as it is; to finish: inv cluster.build"):
        commands.build()


@task(help={"service": "NAME=NUMBER, e.g. app=4; its flag may be left out"})
def scale(ctx: Context, service: str) -> None:
    """Run another number of replicas of a service."""
    from stack.cluster import commands  # start-up time of inv --list

    with interrupted.in_two_lines(GOES_ON):
        commands.scale(service)


@task(help={"json": "print JSON for a script"})
def status(ctx: Context, json: bool = False) -> None:
    """Show nodes, replicas, versions, the leader, WebSockets, and what is not as asked."""
    from stack.cluster import commands  # start-up time of inv --list

    if not commands.status(as_json=json):
        raise Exit(code=1)


@task(
    help={
        "program": "only this service, or this program of the app; its flag may be left out",
        "tail": "how many of the last lines of each replica to begin with",
        "follow": "go on until Ctrl-C",
    },
)
def logs(ctx: Context, program: str = "", tail: str = "100", follow: bool = True) -> None:
    """Show the log of every replica, or of one service or program."""
    from stack.cluster import commands  # start-up time of inv --list

    _leave(commands.logs(program or None, tail=tail, follow=follow))


@task(help={"command": "what follows manage.py, e.g. check --deploy; its flag may be left out"})
def manage(ctx: Context, command: str) -> None:
    """Run a command of Django's manage.py, with the version that serves."""
    from stack.cli.arguments import words  # start-up time of inv --list
    from stack.cluster import commands  # start-up time of inv --list

    _leave(commands.in_app("python", "manage.py", *words(command)))


@task
def migrate(ctx: Context) -> None:
    """Apply the migrations that the database lacks, with the version that serves."""
    from stack.cluster import commands  # start-up time of inv --list

    _leave(commands.in_app("python", "manage.py", "migrate"))


@task
def smoke(ctx: Context) -> None:
    """Check the running cluster through this node's port."""
    from stack.cli import smoke  # start-up time of inv --list
    from stack.cluster import commands  # start-up time of inv --list

    commands.require_up()
    _leave(smoke.run(ctx.mode))


@task(
    help={
        "image": "this image instead of one built from the checkout; pulled if need be",
        "stop": "stop the app for migrations that old and new replicas cannot share",
        "yes": "do not ask",
    }
)
def upgrade(ctx: Context, image: str = "", stop: bool = False, yes: bool = False) -> None:
    """Judge the migrations, apply what both versions can have, roll, verify; else roll back."""
    from stack.cli import smoke  # start-up time of inv --list
    from stack.cluster import commands  # start-up time of inv --list

    if stop and not yes:
        require_terminal()
    with interrupted.in_two_lines():
        commands.upgrade(
            image=image,
            stop=stop,
            agree=_agreeing(yes=yes),
            may_be_verified=lambda: smoke.run(ctx.mode, "-k", "test_health_is_ok") == 0,
            verified=lambda: smoke.run(ctx.mode) == 0,
        )


@task
def rollback(ctx: Context) -> None:
    """Go back to the version of the app that served before, replica by replica."""
    from stack.cluster import commands  # start-up time of inv --list

    with interrupted.in_two_lines(GOES_ON):
        commands.rollback()


@task(
    help={
        "node": "its name in inv cluster.status; its flag may be left out",
        "undo": "use it again",
    }
)
def drain(ctx: Context, node: str, undo: bool = False) -> None:
    """Move a node's replicas to the others, e.g. before it is restarted."""
    from stack.cluster import commands  # start-up time of inv --list

    with interrupted.in_two_lines(GOES_ON):
        commands.drain(node, undo=undo)


@task
def db(ctx: Context) -> None:
    """Open psql on the cluster's database, wherever that is."""
    from stack.cluster import commands  # start-up time of inv --list

    _leave(commands.db())


@task
def down(ctx: Context) -> None:
    """Stop and remove what runs on all nodes; the data and the swarm stay."""
    from stack.cluster import commands  # start-up time of inv --list

    commands.down()


@task(help={"yes": "do not ask"})
def reset(ctx: Context, yes: bool = False) -> None:
    """Remove what runs AND the data on this node, after asking."""
    from stack.cluster import commands  # start-up time of inv --list

    project = commands.project()
    lost = "what this node keeps" if project.has_external else "the database"
    if not yes and not confirm(f"This deletes {lost} of {project.name} for good."):
        raise Exit("Nothing was deleted.", code=1)
    commands.down(with_data=True)
    say(f"✓ The data of {project.name} on this node is deleted.")
    if project.has_external:
        say("The external database is as it was.")


def _agreeing(*, yes: bool) -> Callable[[str], None]:
    """Ask a person who is told what will happen, unless `yes`; raises Exit where they refuse."""

    def agree(warning: str) -> None:
        if yes:
            say(warning, style="bold")
        elif not confirm(warning):
            raise Exit("Nothing was changed.", code=1)

    return agree


def _leave(status: int) -> None:
    """End with the exit status of the command that ran."""
    if status:
        raise Exit(code=status)


TASKS = (
    *(up, join, build, scale, status, logs, manage, migrate, smoke),
    *(adopt, upgrade, rollback, drain, *OF_DATA, db, down, reset),
)


def collection() -> Collection:
    """`inv cluster` and its verbs."""
    made = Collection("cluster", *TASKS)
    made.configure({"mode": "cluster"})
    return made
