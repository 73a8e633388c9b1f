"""What a person types. `inv --list` shows it all; `inv --help dev.logs` explains one.

Both modes have the same verbs: a task learns from `ctx.mode` which one it was called in. The work
is in stack/.
"""

from __future__ import annotations

import shlex

from invoke.collection import Collection
from invoke.context import Context
from invoke.exceptions import Exit, ParseError
from invoke.main import program
from invoke.tasks import task

from stack import modes
from stack.arguments import spelled_out
from stack.backups.verbs import PROD_ONLY, backup, backups, restore, schedule
from stack.console import agreed, say
from stack.modes import DEV, MODES, ROOT, Stack

# What Invoke says of a task, mode or flag that does not exist has no remedy; it prints the error.
ParseError.__str__ = lambda error: f"✗ {error.args[0]}\n  → Type: inv --list"  # type: ignore[method-assign]  # no hook for it

# Invoke has found this file by now, and is about to read the words that follow its own flags.
if hasattr(program, "core"):
    program.core.unparsed[:] = spelled_out(program.core.unparsed)


def stack_of(ctx: Context) -> Stack:
    """The stack of the mode that the task was called in, e.g. `inv dev.logs`."""
    return modes.standard(MODES[ctx.mode])


@task(
    default=True,
    help={
        "detach": "return when ready (prod always does)",
        "debugpy": "let an editor attach to the backend (dev)",
    },
)
def up(ctx: Context, detach: bool = False, debugpy: bool = False) -> None:
    """Build what changed, start, wait until ready; dev shows logs until Ctrl-C."""
    from stack import engine, foreground, interrupts, lifecycle, status

    engine.ensure()
    client = engine.client()
    stack = modes.with_debugpy(stack_of(ctx)) if debugpy else stack_of(ctx)
    with interrupts.as_one():
        try:
            lifecycle.up(stack, client)
        except KeyboardInterrupt:
            if ctx.mode == DEV.name:
                foreground.stop(stack)
            raise Exit(f"✗ Interrupted.\n  → See what runs: inv {ctx.mode}.status", 130) from None
        status.show(stack, client)
        say(f"Open {stack.url}", style="bold green")
        if debugpy:
            say(f"An editor attaches to localhost:{modes.DEBUGPY_PORT} (/app/backend there)")
        if ctx.mode == DEV.name and not detach:
            foreground.follow(stack, client)


@task
def build(ctx: Context) -> None:
    """Build the image, from the base images that this machine has or can get."""
    from stack import engine, lifecycle

    lifecycle.build(lifecycle.prepare(stack_of(ctx), engine.client()))


@task
def down(ctx: Context) -> None:
    """Stop and remove the containers; the data stays."""
    from stack import engine, lifecycle

    engine.client()
    lifecycle.down(stack_of(ctx))


@task(help={"program": "restart only this one, e.g. daphne; its flag may be left out"})
def restart(ctx: Context, program: str = "") -> None:
    """Restart one program, or the whole app container."""
    from stack import engine, lifecycle

    lifecycle.restart(stack_of(ctx), engine.client(), program or None)


@task(help={"json": "print JSON for a script"})
def status(ctx: Context, json: bool = False) -> None:
    """Show services and programs: state, uptime, restarts, port."""
    from stack import engine, status

    if json:
        print(status.as_json(stack_of(ctx), engine.client()))
    else:
        status.show(stack_of(ctx), engine.client())


@task(
    help={
        "program": "only this one, e.g. daphne, vite, nginx, db; its flag may be left out",
        "tail": "how many of the last lines to begin with",
        "follow": "go on until Ctrl-C",
    },
)
def logs(ctx: Context, program: str = "", tail: str = "100", follow: bool = True) -> None:
    """Show the log of everything, or of one program."""
    from stack import engine
    from stack import logs as log

    client = engine.client()
    _leave(log.show(stack_of(ctx), client, program or None, tail=tail, follow=follow))


@task(help={"program": "in this one's folder or container, e.g. vite, db"})
def shell(ctx: Context, program: str = "") -> None:
    """Open a shell in the app container, as the app's user."""
    from stack import engine, inside

    _leave(inside.shell(stack_of(ctx), engine.client(), program or None))


@task(help={"command": "what follows manage.py, e.g. check --deploy; its flag may be left out"})
def manage(ctx: Context, command: str) -> None:
    """Run a command of Django's manage.py."""
    _in_app(stack_of(ctx), "python", "manage.py", *_words(command))


@task
def migrate(ctx: Context) -> None:
    """Apply the migrations that the database lacks."""
    _in_app(stack_of(ctx), "python", "manage.py", "migrate")


@task
def smoke(ctx: Context) -> None:
    """Check the running stack through its port: this arms and disarms the alarm."""
    from stack import smoke

    _leave(smoke.run(ctx.mode))


@task(help={"yes": "do not ask"})
def reset(ctx: Context, yes: bool = False) -> None:
    """Remove the containers AND the data, after asking."""
    from stack import engine, lifecycle

    engine.client()
    if not yes and not agreed(f"This deletes the database of {stack_of(ctx).project} for good."):
        raise Exit("Nothing was deleted.", code=1)
    lifecycle.down(stack_of(ctx), volumes=True)


@task(help={"app": "only this Django app"})
def makemigrations(ctx: Context, app: str = "") -> None:
    """Write the migrations that the models ask for, into backend/."""
    _in_app(stack_of(ctx), "python", "manage.py", "makemigrations", *([app] if app else []))


@task
def db(ctx: Context) -> None:
    """Open psql on the stack's database."""
    from stack import engine, inside

    _leave(inside.database(stack_of(ctx), engine.client()))


@task
def attach(ctx: Context) -> None:
    """Debug at the breakpoint() that a program waits at, or at the next one."""
    from stack import engine, inside

    _leave(inside.attach(stack_of(ctx), engine.client()))


@task(
    name="test",
    help={"arguments": "what follows pytest, e.g. -k timers -x; its flag may be left out"},
)
def run_tests(ctx: Context, arguments: str = "") -> None:
    """Run the backend's tests in the running container."""
    from stack import engine, inside

    _leave(inside.run_tests(stack_of(ctx), engine.client(), _words(arguments)))


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise Exit(f"✗ {line}: {error}.\n  → Close the quotation mark.", code=1) from None


def _in_app(stack: Stack, *command: str) -> None:
    from stack import engine, lifecycle

    _leave(lifecycle.in_app(stack, engine.client(), *command))


def _leave(status: int) -> None:
    """Exit status tells scripts the truth."""
    if status:
        raise Exit(code=status)


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


@task(help={"json": "print JSON for a script", "fix": "mend what needs neither root nor a person"})
def doctor(ctx: Context, json: bool = False, fix: bool = False) -> None:
    """Check what this machine needs, with remedies; exit status 1 when a stack would not start."""
    from stack import doctor

    if not doctor.examine(as_json=json, fix=fix):
        raise Exit(code=1)


@task(positional=["shell"], help={"shell": "bash, zsh or fish"})
def completion(ctx: Context, shell: str) -> None:
    """Print a script that completes this project's commands: source <(inv completion bash)."""
    from stack import completion

    print(completion.script(shell, namespace, program.parser.contexts.values()), end="")


@task
def version(ctx: Context) -> None:
    """Print the version and the commit of this checkout."""
    from stack import version

    print(f"{version.version()} ({version.revision()})")


VERBS = (
    *(up, build, down, restart, status, logs, shell, manage, migrate, smoke, reset),
    *(backup, backups, restore, schedule),
)
OWN_VERBS = {"dev": (makemigrations, db, attach, run_tests), "prod": PROD_ONLY}

namespace = Collection(engine, bases, env, doctor, completion, version)
for _mode in MODES.values():
    _verbs = Collection(_mode.name, *VERBS, *OWN_VERBS[_mode.name])
    _verbs.configure({"mode": _mode.name})
    namespace.add_collection(_verbs)
