"""`inv cluster.adopt` on this machine's engine: it fails, is interrupted, moves all, goes back.

A sensor writes all the time. What was acknowledged to it may never be missing.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from docker import DockerClient
from docker.models.containers import Container

from stack.compose import ports
from stack.compose.address import Address
from stack.compose.project import Project
from stack.config.modes import PROD
from stack.core.polling import wait_until
from stack.database.server import DATABASE, ROLE
from stack.engine import docker_engine
from tests.cluster import this_machine
from tests.cluster.conftest import Tell
from tests.faults.clients import Writer
from tests.faults.load import end, is_quiet
from tests.support import migrations
from tests.support.containers import output_of
from tests.support.invoke import INV, environment
from tests.support.own_stack import own_stack
from tests.support.panel import ADMIN, PIN, Panel

SECONDS = 900
FILE, CONTENT = "/app/media/plans/house.txt", "the ground floor"
OF_BROKER, KEPT = "/mosquitto/data/kept", "by the broker"


@dataclass
class Machine:
    """One machine with production, and with a cluster after it has moved."""

    project: Project
    panel: Panel
    sensor: tuple[int, str]
    acknowledged: set[str] = field(default_factory=set)
    """The reports that some sensor was told of as written."""

    @property
    def client(self) -> DockerClient:
        return self.project.client

    @property
    def cluster(self) -> str:
        return f"{self.project.name.removesuffix(PROD.name)}cluster"

    @contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Run `inv` in a process group of its own, as a terminal does."""
        process = subprocess.Popen(
            [*INV, *words],
            cwd=self.project.root,
            env=environment(self.project),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                yield process
            except BaseException:
                os.killpg(process.pid, signal.SIGINT)  # and it rolls back
                raise

    def inv(self, *words: str) -> tuple[int, str]:
        """Run `inv`; its exit status, and what it says."""
        with self.started(*words) as process:
            said, _ = process.communicate(timeout=SECONDS)
        print(f"\n$ inv {' '.join(words)}\n{said}")  # for a test that fails, and with -s
        return process.returncode, said

    def done(self, *words: str) -> str:
        """Run `inv`, which has to succeed; what it says."""
        status, said = self.inv(*words)
        assert status == 0, said
        return said

    def container(self, service: str) -> Container:
        """A container of a service that runs, of production or of the cluster."""
        names = (f"^/{self.project.name}-{service}-", f"^/{self.cluster}_{service}\\.")
        found = [c for name in names for c in self.client.containers.list(filters={"name": name})]
        return found[0]

    def sql(self, sql: str) -> set[str]:
        psql = ("psql", f"--username={ROLE}", f"--dbname={DATABASE}", "--no-psqlrc", "-qAt")
        return set(output_of(self.container("db"), *psql, f"--command={sql}").split())

    @contextmanager
    def written_to(self) -> Iterator[Writer]:
        """A sensor reports while the block lasts; what was acknowledged is kept."""
        writer = Writer(self.panel, *self.sensor, uuid.uuid4().hex[:12])
        writer.start()
        try:
            wait_until("a report", lambda: writer.acknowledged, seconds=60)
            yield writer
        finally:
            end([writer])
            self.acknowledged |= {*writer.acknowledged}
        assert writer.crash is None

    def require_whole(self) -> None:
        """Everything is there that a person, a sensor or the broker has put there."""
        missing = self.acknowledged - self.sql("SELECT event_id FROM alarm_report")
        assert self.acknowledged
        assert not missing
        fresh = Panel(self.panel.address)
        body = {name: ADMIN[name] for name in ("username", "password")}
        assert fresh.post("/api/session/", body).status_code == 200
        assert fresh.arm("away").status_code == 200
        assert fresh.post("/api/alarm/disarm/", {"pin": PIN}).status_code == 200
        assert output_of(self.container("app"), "getent", "hosts", "db")
        assert output_of(self.container("app"), "cat", FILE).strip() == CONTENT
        assert output_of(self.container("mqtt"), "cat", OF_BROKER).strip() == KEPT

    def running(self) -> dict[str, str]:
        """Production's containers that run, by name, with the moment of their start."""
        label = f"com.docker.compose.project={self.project.name}"
        found = self.client.containers.list(filters={"label": label})
        return {str(c.name): c.attrs["Created"] for c in found}

    def require_no_cluster(self) -> None:
        """Nothing is left of one."""
        names = [
            *(str(s.name) for s in self.client.services.list()),
            *(str(c.name) for c in self.client.containers.list(all=True)),
            *(str(v.name) for v in self.client.volumes.list()),
            *(str(n.name) for n in self.client.networks.list()),
        ]
        assert [name for name in names if name.startswith(self.cluster)] == []


@pytest.fixture(scope="module")
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    client = docker_engine.connect()
    capture = request.config.pluginmanager.getplugin("capturemanager")
    uncaptured = capture.global_and_fixture_disabled
    registry, mqtt = ports.free_port(), ports.free_port()
    settings = (
        f"COMPOSE_PROFILES=mqtt\nMQTT_PUBLISH=127.0.0.1:{mqtt}\nCLUSTER_REGISTRY_PORT={registry}\n"
    )
    with (
        this_machine.left_as_it_was(client),
        own_stack(PROD, uncaptured, settings, suffix="-adopt") as runner,
    ):
        made = _set_up(runner.project)
        try:
            yield made
        finally:
            if this_machine.is_in_swarm(client):
                made.inv("cluster.reset", "--yes")
            this_machine.remove_images(client, made.cluster, f":{registry}/")


def _set_up(project: Project) -> Machine:
    """A person with a PIN, a sensor, an uploaded file, a file of the broker."""
    panel = Panel(Address.from_url(f"http://127.0.0.1:{project.port}"))
    panel.set_up(project)
    # The smoke checks arm: a report of this one is only noted.
    body = {"name": "Cellar", "kind": "door", "type": "environmental", "heartbeat": 0}
    sensor = panel.post("/api/sensors/", body).json()
    made = Machine(project, panel, (sensor["id"], sensor["token"]))
    folder = FILE.rpartition("/")[0]
    script = f"mkdir -p {folder} && echo '{CONTENT}' > {FILE}"
    output_of(made.container("app"), "sh", "-c", script)
    output_of(made.container("mqtt"), "sh", "-c", f"echo '{KEPT}' > {OF_BROKER}")
    return made


def refused(status: int, said: str) -> list[str]:
    """The two lines of a failure."""
    assert status != 0, said
    assert "Traceback" not in said
    last = said.strip().splitlines()[-2:]
    assert [line[:4] for line in last] in (["✗ Ro", "  → "], ["✗ In", "  → "]), said
    return last


def test_a_rehearsal_that_fails_changes_nothing(machine: Machine, tell: Tell) -> None:
    before = machine.running()
    added = migrations.add_migration(machine.project.root / "backend", migrations.FAILING)
    try:
        with machine.written_to() as writer:
            status, said = machine.inv("cluster.adopt", "--yes")
    finally:
        added.unlink()
    what, _ = refused(status, said)
    assert status == 1
    assert "Rehearsing the migrations on a copy" in said
    assert "cannot bring the data up to date" in what
    assert writer.observed.failures() == [], "the panel was away"
    assert machine.running() == before
    tell(f"{len(writer.acknowledged)} reports, none failed")
    machine.require_no_cluster()
    machine.require_whole()


def test_ctrl_c_while_replicas_start_lets_production_go_on(machine: Machine, tell: Tell) -> None:
    before = machine.running()
    with machine.written_to() as writer, machine.started("cluster.adopt", "--yes") as process:
        assert process.stdout
        said = ""
        for line in process.stdout:
            said += line
            print(line, end="")
            if "… Waiting until all replicas are ready" in line:
                os.killpg(process.pid, signal.SIGINT)
        status = process.wait(timeout=SECONDS)
        since = time.monotonic()
        wait_until("a good answer", lambda: is_quiet([writer], since), seconds=60)
    what, _ = refused(status, said)
    assert status == 130, said
    assert what == "✗ Rolled back: it was interrupted."
    assert machine.running() == before
    tell(f"{_seconds_away(said)}; {len(writer.acknowledged)} reports acknowledged")
    machine.require_no_cluster()
    machine.require_whole()


def _seconds_away(said: str) -> str:
    return ", ".join(re.findall(r"The panel did not answer for [\d.]+ s", said))


def test_everything_moves_into_the_cluster(machine: Machine, tell: Tell) -> None:
    with machine.written_to() as writer:
        said = machine.done("cluster.adopt", "--yes")
    tell(f"{_seconds_away(said)}; {len(writer.acknowledged)} reports acknowledged")
    assert "✓ All as asked: app 2/2" in said
    assert machine.running() == {}
    machine.require_whole()
    status, said = machine.inv("cluster.adopt", "--yes")
    assert status == 1
    assert "does not run, so there is nothing to move." in said
    assert machine.done("cluster.backups").count(f"{machine.project.name}-") >= 2


def test_the_way_back_takes_what_came_since(machine: Machine) -> None:
    said = machine.done("cluster.backup")
    (file,) = re.findall(rf"^/.*{machine.cluster}-\w+\.tar$", said, re.M)
    for words in (("cluster.down",), ("prod",), ("prod.restore", Path(file).name, "--yes")):
        machine.done(*words)
    machine.require_whole()
