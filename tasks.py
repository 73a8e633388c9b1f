"""What a person types. `inv --list` shows it all; `inv --help dev.logs` explains one.

Both modes have the same verbs, made by one function. The work is in stack/.
"""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import sys

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit, ParseError
from invoke.tasks import task

from stack import modes
from stack.console import say
from stack.modes import DEV, MODES, ROOT, Mode, Stack

# What Invoke says of a task, mode or flag that does not exist has no remedy; it prints the error.
ParseError.__str__ = lambda error: f"✗ {error.args[0]}\n  → Type: inv --list"  # type: ignore[method-assign]


def verbs(mode: Mode) -> Collection:
    """The collection of one mode, e.g. `inv dev` (= `inv dev.up`), `inv dev.logs`, …"""
    title = mode.purpose.partition(":")[0]

    def stack() -> Stack:
        return modes.standard(mode)

    @task(default=True, help={"detach": "return when ready (prod always does)"})
    def up(ctx: Context, detach: bool = False) -> None:
        """Build what changed, start, wait until ready; dev shows logs until Ctrl-C."""
        from stack import engine, lifecycle, status

        engine.ensure()
        client = engine.client()
        try:
            lifecycle.up(stack(), client)
        except KeyboardInterrupt:
            if mode is DEV:
                lifecycle.stop(stack())
            raise Exit(f"✗ Interrupted.\n  → See what runs: inv {mode.name}.status", 130) from None
        status.show(stack(), client)
        say(f"Open {stack().url}", style="bold green")
        if mode is DEV and not detach:
            _follow_until_interrupted(stack())

    @task
    def build(ctx: Context) -> None:
        """Build the image, from the base images that this machine has or can get."""
        from stack import engine, lifecycle

        lifecycle.build(lifecycle.prepare(stack(), engine.client()))

    @task
    def down(ctx: Context) -> None:
        """Stop and remove the containers; the data stays."""
        from stack import engine, lifecycle

        engine.client()
        lifecycle.down(stack())

    @task(
        positional=["program"],
        optional=["program"],
        help={"program": "restart only this one, e.g. daphne"},
    )
    def restart(ctx: Context, program: str = "") -> None:
        """Restart one program, or the whole app container."""
        from stack import engine, lifecycle

        lifecycle.restart(stack(), engine.client(), program or None)

    @task(name="status", help={"json": "print JSON for a script"})
    def status_(ctx: Context, json: bool = False) -> None:
        """Show services and programs: state, uptime, restarts, port."""
        from stack import engine, status

        if json:
            print(status.as_json(stack(), engine.client()))
        else:
            status.show(stack(), engine.client())

    @task(
        positional=["program"],
        help={
            "program": "only this one: daphne, vite, nginx, worker, app, db",
            "tail": "how many of the last lines to begin with",
            "follow": "go on until Ctrl-C",
        },
    )
    def logs(ctx: Context, program: str = "", tail: str = "100", follow: bool = True) -> None:
        """Show the log of everything, or of one program."""
        from stack import engine
        from stack import logs as log

        engine.client()
        _leave(log.show(stack(), program or None, tail=tail, follow=follow))

    @task
    def shell(ctx: Context) -> None:
        """Open a shell in the app container, as the app's user."""
        _in_app(stack(), "bash")

    @task(positional=["command"], help={"command": 'what follows manage.py, e.g. "check --deploy"'})
    def manage(ctx: Context, command: str) -> None:
        """Run a command of Django's manage.py."""
        _in_app(stack(), "python", "manage.py", *shlex.split(command))

    @task
    def migrate(ctx: Context) -> None:
        """Apply the migrations that the database lacks."""
        _in_app(stack(), "python", "manage.py", "migrate")

    @task
    def smoke(ctx: Context) -> None:
        """Check the running stack through its port, as nox's smoke session does."""
        test = [sys.executable, "-m", "pytest", "tests/smoke", "--mode", mode.name, "--running"]
        _leave(subprocess.run(test, cwd=ROOT, check=False).returncode)

    @task(help={"yes": "do not ask"})
    def reset(ctx: Context, yes: bool = False) -> None:
        """Remove the containers AND the data, after asking."""
        from stack import engine, lifecycle

        engine.client()
        if not yes and not _agreed(f"This deletes the database of {mode.project} for good."):
            raise Exit("Nothing was deleted.", code=1)
        lifecycle.down(stack(), volumes=True)

    tasks = [up, build, down, restart, status_, logs, shell, manage, migrate, smoke, reset]
    if mode is DEV:

        @task(help={"app": "only this Django app"})
        def makemigrations(ctx: Context, app: str = "") -> None:
            """Write the migrations that the models ask for, into backend/."""
            _in_app(stack(), "python", "manage.py", "makemigrations", *([app] if app else []))

        tasks.append(makemigrations)
    collection = Collection(mode.name, *tasks)
    collection.__doc__ = f"The stack for {title}."
    return collection


def _in_app(stack: Stack, *command: str) -> None:
    from stack import engine, lifecycle

    _leave(lifecycle.in_app(stack, engine.client(), *command))


def _leave(status: int) -> None:
    """Exit status tells scripts the truth."""
    if status:
        raise Exit(code=status)


def _agreed(warning: str) -> bool:
    say(warning, style="bold red")
    if not sys.stdin.isatty():
        raise Exit("✗ There is no terminal to ask on.\n  → To go ahead, add: --yes", code=1)
    return input("Type yes to go ahead: ").strip().lower() == "yes"


def _follow_until_interrupted(stack: Stack) -> None:
    from stack import lifecycle
    from stack import logs as log

    say("Ctrl-C stops the stack.", style="dim")
    with contextlib.suppress(KeyboardInterrupt):
        log.show(stack, None, tail="0", follow=True)
    lifecycle.stop(stack)


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


namespace = Collection(engine, bases, env, doctor, version)
for _mode in MODES.values():
    namespace.add_collection(verbs(_mode))
