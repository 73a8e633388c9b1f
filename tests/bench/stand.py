"""The stack that is measured: production, a copy of the checkout, on every core of the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from docker import DockerClient
from docker.models.containers import Container

from stack.compose.project import Project
from stack.config.modes import PROD
from stack.engine import docker_engine
from stack.images import base_images
from tests.bench import beside, wrk
from tests.smoke.own_stack import own_stack
from tests.smoke.panel import Panel

CORES = os.cpu_count() or 1

SETTINGS = f"""\
APP_CPUS={CORES}
DB_CPUS={CORES}
APP_MEMORY=4g
DB_MEMORY=4g
ALARM_BIND=127.0.0.1
ALARM_EXIT_DELAY=600
"""
"""Other than the defaults, which are one core, 1 GiB, every network and 30 s; the report says so.

No delay ends while the bench looks: that would be a second change to tell.
"""


@dataclass
class Stand:
    """A running stack with somebody logged in."""

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
        """The app container's first process: its network is where the load comes from."""
        return int(self.app.attrs["State"]["Pid"])

    @property
    def cookie(self) -> str:
        """The header by which the API knows who asks."""
        return f"Cookie: sessionid={self.panel.http.cookies['sessionid']}"

    def facts(self) -> dict[str, str]:
        """What the figures depend on, besides the machine."""
        bases = base_images.choose(self.client, self.root)
        server = "python -V; nginx -v 2>&1"
        lines = beside.shell(self.app, server).splitlines()
        return {
            **{choice.variable: choice.image for choice in bases},
            **dict(zip(("Python", "Nginx"), lines, strict=True)),
        }

    def load(self, load: wrk.Load, seconds: float = wrk.SECONDS) -> wrk.Result:
        """Ask the stack from within its app container's network, and what that took of processors.

        On a machine that has other work, that says more than a rate.
        """
        app = self.app
        before = self._processor(app)
        found = wrk.run(int(app.attrs["State"]["Pid"]), load, seconds)
        taken = self._processor(app) - before
        return replace(found, processor=taken / (found.rate * seconds))

    def _processor(self, app: Container) -> float:
        """Seconds of processor that the container has had, all that runs beside in it included."""
        stats = self.client.api.stats(str(app.id), stream=False, one_shot=True)
        return float(stats["cpu_stats"]["cpu_usage"]["total_usage"]) / 1e9


@contextmanager
def stand(rounds: int) -> Iterator[Stand]:
    """Build and start it; remove every trace of it afterwards."""
    with own_stack(PROD, nullcontext, SETTINGS) as runner:
        panel = Panel(runner.project.url)
        panel.set_up()
        yield Stand(runner.project, docker_engine.connect(), panel, rounds)
