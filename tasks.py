"""The tasks of `inv`. `inv --list` shows them all; `inv --help dev.logs` explains one.

The modes have the same verbs: a task learns from `ctx.mode` which one it was called in. The work
is in stack/.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit
from invoke.main import program
from invoke.tasks import task

from stack.cli import errors
from stack.cli.adopt_task import adopt
from stack.cli.arguments import add_flags, require_known, words
from stack.cli.backup_tasks import PROD_ONLY, backup, backups, restore, upgrade_database
from stack.cli.cluster_tasks import collection as cluster
from stack.compose.checkout import project_of
from stack.config import version as checkout_version
from stack.config.modes import DEV, LOCAL, MODES, PROD, ROOT
from stack.core.console import confirm, prepare_output, say
from stack.engine import docker_engine

if TYPE_CHECKING:
    from stack.cli.runner import Runner

prepare_output()
errors.explain()


def runner_of(ctx: Context, *, starts: bool = False) -> Runner:
    """The runner of the mode that the task was called in, e.g. `inv dev.logs`."""
    from stack.cli import runner  # start-up time of inv --list

    return runner.for_mode(MODES[ctx.mode], starts=starts)


@task(
    default=True,
    help={
        "detach": "return when ready (prod always does)",
        "debugpy": "let an editor attach to the backend (dev)",
    },
)
def up(ctx: Context, detach: bool = False, debugpy: bool = False) -> None:
    """Build what changed, start, wait until ready; dev and local show logs until Ctrl-C."""
    from stack.cli import foreground  # start-up time of inv --list

    foreground.start(runner_of(ctx, starts=True), detach=detach, debugpy=debugpy)


@task(help={"platform": "for another processor than this machine's, e.g. linux/arm64 (prod)"})
def build(ctx: Context, platform: str = "") -> None:
    """Build the image, from the base images that this machine has or can get."""
    if not platform:
        runner_of(ctx).build()
        return
    from stack.deploy.up import build_for  # start-up time of inv --list

    image = build_for(project_of(MODES[ctx.mode]), platform)
    say(f"✓ {image}", style="green")
    say(f"Take it there: docker save {image} | ssh HOST docker load", style="dim")


@task
def down(ctx: Context) -> None:
    """Stop and remove what runs; the data stays."""
    runner_of(ctx).down()


@task(help={"program": "restart only this one, e.g. daphne; its flag may be left out"})
def restart(ctx: Context, program: str = "") -> None:
    """Restart one program, or the whole app."""
    runner_of(ctx).restart(program or None)


@task(help={"json": "print JSON for a script"})
def status(ctx: Context, json: bool = False) -> None:
    """Show services and processes: state, uptime, restarts, port."""
    from stack.cli.runner import show_status  # start-up time of inv --list
    from stack.compose import status  # start-up time of inv --list

    runner = runner_of(ctx)
    if json:
        print(status.as_json(runner.rows()))
    else:
        show_status(runner)


@task(
    help={
        "program": "only this one, e.g. daphne, vite, nginx, db; its flag may be left out",
        "tail": "how many of the last lines to begin with",
        "follow": "go on until Ctrl-C",
    },
)
def logs(ctx: Context, program: str = "", tail: str = "100", follow: bool = True) -> None:
    """Show the log of everything, or of one program."""
    _leave(runner_of(ctx).logs(program or None, tail=tail, follow=follow))


@task(help={"program": "in this one's folder or container, e.g. vite, db"})
def shell(ctx: Context, program: str = "") -> None:
    """Open a shell where the app runs, as its user."""
    _leave(runner_of(ctx).shell(program or None))


@task(help={"command": "what follows manage.py, e.g. check --deploy; its flag may be left out"})
def manage(ctx: Context, command: str) -> None:
    """Run a command of Django's manage.py."""
    _leave(runner_of(ctx).in_app("python", "manage.py", *words(command)))


@task
def migrate(ctx: Context) -> None:
    """Apply the migrations that the database lacks."""
    _leave(runner_of(ctx).in_app("python", "manage.py", "migrate"))


@task
def smoke(ctx: Context) -> None:
    """Check the running stack through its port."""
    from stack.cli import smoke  # start-up time of inv --list

    _leave(smoke.run(runner_of(ctx).project.mode.name))


@task(help={"yes": "do not ask"})
def reset(ctx: Context, yes: bool = False) -> None:
    """Remove what runs AND the data, after asking."""
    runner = runner_of(ctx)
    if not yes and not confirm(f"This deletes the database of {runner.project.name} for good."):
        raise Exit("Nothing was deleted.", code=1)
    runner.down(data=True)
    say(f"✓ The database of {runner.project.name} is deleted.")


@task(help={"app": "only this Django app"})
def makemigrations(ctx: Context, app: str = "") -> None:
    """Write the migrations that the models ask for, into backend/."""
    words = ("makemigrations", *([app] if app else []))
    _leave(runner_of(ctx).in_app("python", "manage.py", *words))


@task
def seed(ctx: Context) -> None:
    """Fill the database with a demo, where the app has the command `seed`."""
    _leave(runner_of(ctx).in_app("python", "manage.py", "seed"))


@task
def db(ctx: Context) -> None:
    """Open psql on the stack's database."""
    _leave(runner_of(ctx).database())


@task
def attach(ctx: Context) -> None:
    """Debug at the breakpoint() that a process waits at, or at the next one."""
    _leave(runner_of(ctx).attach())


@task(
    name="test",
    help={"arguments": "what follows pytest, e.g. -k timers -x; its flag may be left out"},
)
def run_tests(ctx: Context, arguments: str = "") -> None:
    """Run the backend's tests where the app runs."""
    _leave(runner_of(ctx).run_tests(words(arguments)))


def _leave(status: int) -> None:
    """End with the exit status of the command that ran."""
    if status:
        raise Exit(code=status)


@task
def engine(ctx: Context) -> None:
    """Find a Docker engine, or install and start one (Debian, Ubuntu; as root)."""
    docker_engine.ensure()


@task(help={"force": "build them again"})
def bases(ctx: Context, force: bool = False) -> None:
    """Build stand-ins for the base images from Debian packages, for networks without a registry."""
    from stack.images import stand_ins  # start-up time of inv --list

    stand_ins.build(force=force)
    names = " ".join(f"{kind.upper()}_IMAGE={image}" for kind, image in stand_ins.STAND_INS.items())
    say(f"For plain docker compose, type: printf '%s\\n' {names} >> .env", style="dim")


@task
def env(ctx: Context) -> None:
    """Write .env and the secrets that are missing; what exists is left as it is."""
    from stack.compose import lifecycle  # start-up time of inv --list

    if not lifecycle.write_checkout_files(ROOT):
        say("✓ .env and .secrets/ are there already; nothing was changed")


@task(help={"json": "print JSON for a script", "fix": "correct what does not need root"})
def doctor(ctx: Context, json: bool = False, fix: bool = False) -> None:
    """Check what this machine needs, with remedies; exit status 1 when a stack would not start."""
    from stack import doctor  # start-up time of inv --list

    if not doctor.examine(as_json=json, fix=fix):
        raise Exit(code=1)


@task
def version(ctx: Context) -> None:
    """Print the version and the commit of this checkout."""
    print(f"{checkout_version.version()} ({checkout_version.revision()})")


VERBS = (up, down, restart, status, logs, shell, manage, migrate, smoke, reset)
OF_CONTAINERS = (build, backup, backups, restore, upgrade_database)
OF_DEVELOPMENT = (makemigrations, seed, db, attach, run_tests)
MORE_VERBS = {
    DEV.name: (*OF_CONTAINERS, *OF_DEVELOPMENT),
    PROD.name: (*OF_CONTAINERS, *PROD_ONLY, db),
    LOCAL.name: OF_DEVELOPMENT,
}

namespace = Collection(engine, bases, env, adopt, doctor, version)
namespace.add_collection(cluster())
for _mode in MODES.values():
    _verbs = Collection(_mode.name, *VERBS, *MORE_VERBS[_mode.name])
    _verbs.configure({"mode": _mode.name})
    namespace.add_collection(_verbs)

# When `inv` reads this file, it has not parsed the words after its own flags yet.
if hasattr(program, "core"):
    program.core.unparsed[:] = add_flags(program.core.unparsed)
    require_known(namespace, program.core.unparsed)
