"""What a person types. `inv --list` shows it all; `inv --help dev.logs` explains one.

The modes have the same verbs: a task learns from `ctx.mode` which one it was called in. The work
is in stack/.
"""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit, ParseError
from invoke.main import program
from invoke.tasks import task

from stack.arguments import spelled_out
from stack.console import say
from stack.modes import DEV, LOCAL, MODES, PROD, ROOT

if TYPE_CHECKING:
    from stack.runner import Runner

# What Invoke says of a task, mode or flag that does not exist has no remedy; it prints the error.
ParseError.__str__ = lambda error: f"✗ {error.args[0]}\n  → Type: inv --list"  # type: ignore[method-assign]  # no hook for it

# Invoke has found this file by now, and is about to read the words that follow its own flags.
if hasattr(program, "core"):
    program.core.unparsed[:] = spelled_out(program.core.unparsed)


def runner_of(ctx: Context, *, starts: bool = False) -> Runner:
    """Who runs the stack of the mode that the task was called in, e.g. `inv dev.logs`."""
    from stack import runner

    return runner.of(MODES[ctx.mode], starts=starts)


@task(default=True, help={"detach": "return when ready (prod always does)"})
def up(ctx: Context, detach: bool = False) -> None:
    """Build what changed, start, wait until ready; dev and local show logs until Ctrl-C."""
    from stack import status

    runner = runner_of(ctx, starts=True)
    try:
        runner.up()
    except KeyboardInterrupt:
        if ctx.mode != PROD.name:
            runner.stop()
        raise Exit(f"✗ Interrupted.\n  → See what runs: inv {ctx.mode}.status", 130) from None
    status.show(runner.rows())
    say(f"Open {runner.stack.url}", style="bold green")
    if ctx.mode != PROD.name and not detach:
        _follow_until_interrupted(runner)


@task
def build(ctx: Context) -> None:
    """Build the image, from the base images that this machine has or can get."""
    runner_of(ctx).build()


@task
def down(ctx: Context) -> None:
    """Stop and remove what runs; the data stays."""
    runner_of(ctx).down()


@task(help={"program": "restart only this one, e.g. daphne; its flag may be left out"})
def restart(ctx: Context, program: str = "") -> None:
    """Restart one program, or all of the app."""
    runner_of(ctx).restart(program or None)


@task(help={"json": "print JSON for a script"})
def status(ctx: Context, json: bool = False) -> None:
    """Show services and programs: state, uptime, restarts, port."""
    from stack import status

    rows = runner_of(ctx).rows()
    if json:
        print(status.as_json(rows))
    else:
        status.show(rows)


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


@task
def shell(ctx: Context) -> None:
    """Open a shell where the app runs, as its user."""
    _leave(runner_of(ctx).in_app("bash"))


@task(help={"command": "what follows manage.py, e.g. check --deploy; its flag may be left out"})
def manage(ctx: Context, command: str) -> None:
    """Run a command of Django's manage.py."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise Exit(f"✗ {command}: {error}.\n  → Close the quotation mark.", code=1) from None
    _leave(runner_of(ctx).in_app("python", "manage.py", *words))


@task
def migrate(ctx: Context) -> None:
    """Apply the migrations that the database lacks."""
    _leave(runner_of(ctx).in_app("python", "manage.py", "migrate"))


@task(help={"pin": "the panel's PIN, where it is no longer the first one"})
def smoke(ctx: Context, pin: str = "") -> None:
    """Check the running stack through its port: this arms and disarms the alarm."""
    mode = runner_of(ctx).stack.mode.name
    test = [sys.executable, "-m", "pytest", "tests/smoke", "--mode", mode, "--running"]
    _leave(subprocess.run([*test, *(["--pin", pin] if pin else [])], cwd=ROOT).returncode)


@task(help={"yes": "do not ask"})
def reset(ctx: Context, yes: bool = False) -> None:
    """Remove what runs AND the data, after asking."""
    runner = runner_of(ctx)
    if not yes and not _agreed(f"This deletes the database of {runner.stack.project} for good."):
        raise Exit("Nothing was deleted.", code=1)
    runner.down(data=True)


@task(help={"app": "only this Django app"})
def makemigrations(ctx: Context, app: str = "") -> None:
    """Write the migrations that the models ask for, into backend/."""
    words = ("makemigrations", *([app] if app else []))
    _leave(runner_of(ctx).in_app("python", "manage.py", *words))


def _leave(status: int) -> None:
    """Exit status tells scripts the truth."""
    if status:
        raise Exit(code=status)


def _agreed(warning: str) -> bool:
    say(warning, style="bold red")
    if not sys.stdin.isatty():
        raise Exit("✗ There is no terminal to ask on.\n  → To go ahead, add: --yes", code=1)
    try:
        return input("Type yes to go ahead: ").strip().lower() == "yes"
    except (EOFError, KeyboardInterrupt):
        return False


def _follow_until_interrupted(runner: Runner) -> None:
    say("Ctrl-C stops the stack.", style="dim")
    with contextlib.suppress(KeyboardInterrupt):
        runner.logs(None, tail="0", follow=True)
    runner.stop()


@task
def engine(ctx: Context) -> None:
    """Find a Docker engine, or install and start one (Debian, Ubuntu; as root)."""
    from stack import engine

    engine.ensure()


@task(help={"force": "build them again"})
def bases(ctx: Context, force: bool = False) -> None:
    """Build stand-ins for the base images from Debian packages, for networks without a registry."""
    from stack import bases

    bases.build(force=force)
    names = " ".join(f"{kind.upper()}_IMAGE={image}" for kind, image in bases.STAND_INS.items())
    say(f"For plain docker compose, type: printf '%s\\n' {names} >> .env", style="dim")


@task
def env(ctx: Context) -> None:
    """Write .env and the secrets that are missing; what exists is left as it is."""
    from stack import env_file

    written = env_file.ensure(ROOT)
    for path in written:
        say(f"✓ wrote {path.relative_to(ROOT)}", style="green")
    if not written:
        say("✓ .env and .secrets/ are there already; nothing was changed")


@task(help={"json": "print JSON for a script"})
def doctor(ctx: Context, json: bool = False) -> None:
    """Check what this machine needs, with a remedy for each thing that is missing."""
    from stack import doctor

    if not doctor.examine(as_json=json):
        raise Exit(code=1)


@task
def version(ctx: Context) -> None:
    """Print the version and the commit of this checkout."""
    from stack import version

    print(f"{version.version()} ({version.revision()})")


VERBS = (up, down, restart, status, logs, shell, manage, migrate, smoke, reset)
MORE_VERBS = {DEV.name: (build, makemigrations), PROD.name: (build,), LOCAL.name: (makemigrations,)}

namespace = Collection(engine, bases, env, doctor, version)
for _mode in MODES.values():
    _verbs = Collection(_mode.name, *VERBS, *MORE_VERBS[_mode.name])
    _verbs.configure({"mode": _mode.name})
    namespace.add_collection(_verbs)
