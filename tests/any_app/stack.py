"""An adopted app's stack, driven by its own `inv`, and every trace of it removed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from stack.compose import ports
from stack.compose.address import Address
from stack.config import dotenv, project_name
from stack.config.modes import ROOT
from stack.core.console import print_output, say
from stack.doctor import leftovers
from stack.engine import docker_engine
from tests.support.own_stack import settings_of_builds
from tests.support.site import Site

INV = (sys.executable, "-m", "invoke")
LINES = 40


class StepFailed(Exception):
    """A step did not do what it should; its text is the last output."""


@dataclass
class Adopted:
    """The new folder of one app, and how many seconds each step took."""

    root: Path
    port: int
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def site(self) -> Site:
        return Site(Address("localhost", self.port), seconds=30)

    def inv(self, *words: str, root: Path | None = None) -> str:
        """Run the folder's `inv`; its standard output. Raises StepFailed with all output."""
        kept = {n: v for n, v in os.environ.items() if n != project_name.VARIABLE}
        done = subprocess.run(
            [*INV, *words],
            cwd=root or self.root,
            env={**kept, "ALARM_PORT": str(self.port)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StepFailed(f"inv {' '.join(words)}\n{done.stdout}{done.stderr}")
        return done.stdout

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Record the seconds of a step that succeeds; print a failed one's last lines."""
        start = time.monotonic()
        try:
            yield
        except Exception as error:
            say(f"✗ {name}: {type(error).__name__}", style="red")
            print_output(str(error).splitlines()[-LINES:])
            raise
        self.seconds[name] = time.monotonic() - start
        say(f"✓ {name}  {self.seconds[name]:.1f} s", style="green")


@contextmanager
def adopted(source: Path, target: Path, *options: str) -> Iterator[Adopted]:
    """Adopt the app; at the end, remove its containers, volumes and images."""
    app = Adopted(target, ports.free_port())
    with app.step("adopt"):
        app.inv("adopt", str(source), "--into", str(target), *options, root=ROOT)
        with (target / ".env").open("a", encoding="utf-8") as env:
            env.write(settings_of_builds())
    name = dotenv.read(target / ".env")[project_name.VARIABLE]
    try:
        yield app
    finally:
        leftovers.remove_projects(docker_engine.connect(), f"{name}-dev", f"{name}-prod")
