"""python -m tests.any_app [--only NAME…]: put each app in place and use it in both modes.

Prints a table of seconds. Exit status 1 when a step fails; the other steps of that mode are then
left out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from stack.config.modes import DEV, PROD
from stack.core import signals
from stack.core.console import Failure, say, table
from stack.engine import docker_engine
from tests.any_app.apps import APPS, App
from tests.any_app.checks import STEPS
from tests.any_app.stack import Adopted, adopted


def look(app: App, folder: Path) -> dict[str, float]:
    """Make the app and take its steps; the seconds of each that was taken."""
    say(f"{app.name}: {app.title}", style="bold")
    source = folder / app.name
    source.mkdir()
    app.make(source)
    with adopted(source, folder / f"{app.name} stack", *app.options) as running:
        for mode in (DEV, PROD):
            try:
                _use(running, app, mode.name)
            except Exception:  # which the step has printed
                running.inv(f"{mode.name}.down")
    return running.seconds


def _use(running: Adopted, app: App, mode: str) -> None:
    """Take a mode's steps. Raises what the first one that fails raises."""
    for name, step in STEPS.items():
        if name.partition(" ")[0] == mode:
            with running.step(name):
                step(running, app)


def main() -> int:
    parser = argparse.ArgumentParser(prog="nox -s any-app --", description=__doc__)
    help_ = ", ".join(APPS)
    parser.add_argument("--only", action="append", choices=APPS, metavar="NAME", help=help_)
    chosen = parser.parse_args().only or list(APPS)
    docker_engine.ensure()
    taken: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="any app ") as folder:
        for name in chosen:
            try:
                taken[name] = look(APPS[name], Path(folder))
            except Failure as failure:
                say(str(failure), style="red")
                taken[name] = {}
    steps = ("adopt", *STEPS)
    rows = [(step, *(_cell(taken[name].get(step)) for name in chosen)) for step in steps]
    table("Apps, in seconds", ("step", *chosen), rows)
    return 0 if all(set(STEPS) <= seconds.keys() for seconds in taken.values()) else 1


def _cell(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.1f}"


if __name__ == "__main__":
    try:
        with signals.interrupt_once():
            sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
