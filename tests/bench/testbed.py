"""The stack to measure: production of a copy of the checkout, on every core of the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from docker import DockerClient
from docker.models.containers import Container

from stack.compose import address
from stack.compose.project import Project
from stack.config.modes import PROD
from stack.engine import docker_engine
from stack.images import base_images
from tests.bench import controls, wrk
from tests.support.own_stack import own_stack
from tests.support.panel import Panel

CORES = os.cpu_count() or 1

ANSWER_SECONDS = 60
"""The limit for one answer: the first visit hashes a password, which a busy machine does slowly."""

SETTINGS = f"""\
APP_CPUS={CORES}
DB_CPUS={CORES}
APP_MEMORY=4g
DB_MEMORY=4g
ALARM_BIND=127.0.0.1
ALARM_EXIT_DELAY=600
"""
"""The defaults are one core, 1 GiB, every network and 30 s; the report shows the difference.

The delays do not end during the bench, because their end is another change.
"""


@dataclass
class Testbed:
    """A running stack with a logged-in admin."""

    project: Project
    client: DockerClient
    panel: Panel
    rounds: int

    @property
    def root(self) -> Path:
        """The copy of the checkout."""
        return self.project.root

    @property
    def app(self) -> Container:
        return self.project.containers()["app"]

    @property
    def db(self) -> Container:
        return self.project.containers()["db"]

    @property
    def pid(self) -> int:
        """The app container's first process, in whose network the load is generated."""
        return int(self.app.attrs["State"]["Pid"])

    @property
    def cookie(self) -> str:
        """The header with the session of the admin."""
        return f"Cookie: {self.panel.session_cookie.name}={self.panel.session_cookie.value}"

    def facts(self) -> dict[str, str]:
        """The facts that the figures depend on, besides the machine."""
        bases = base_images.choose(self.client, self.root)
        server = "python -V; nginx -v 2>&1"
        lines = controls.shell(self.app, server).splitlines()
        return {
            **{choice.variable: choice.image for choice in bases},
            **dict(zip(("Python", "Nginx"), lines, strict=True)),
        }

    def load(self, load: wrk.Load, seconds: float = wrk.SECONDS) -> wrk.Result:
        """Load the stack from its app container's network, and measure the processor time.

        On a busy machine the processor time says more than the rate.
        """
        app = self.app
        before = self._processor(app)
        found = wrk.run(int(app.attrs["State"]["Pid"]), load, seconds)
        taken = self._processor(app) - before
        return replace(found, processor=taken / (found.rate * seconds))

    def _processor(self, app: Container) -> float:
        """Processor seconds of the container, with all processes in it."""
        stats = self.client.api.stats(str(app.id), stream=False, one_shot=True)
        return float(stats["cpu_stats"]["cpu_usage"]["total_usage"]) / 1e9


@contextmanager
def testbed(rounds: int) -> Iterator[Testbed]:
    """Build and start it; remove it completely afterwards."""
    with own_stack(PROD, nullcontext, SETTINGS) as runner:
        panel = Panel(address.of(runner.project), seconds=ANSWER_SECONDS)
        panel.set_up(runner.project)
        yield Testbed(runner.project, docker_engine.connect(), panel, rounds)
