"""The cluster's database as one Compose project on one engine: what Swarm spreads over three nodes.

The files are those of the cluster; `deploy` in them, which places the services, is Swarm's alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.models.containers import Container
from docker.models.networks import Network

from stack.cluster import ha
from stack.config import ca_bundle, secrets
from stack.config.modes import ROOT
from stack.core.polling import wait_until
from stack.database.server import DATABASE, ROLE
from stack.images import base_images
from tests.cluster.ha_written import Writer, Written

FILES = ("base", "prod", "database", "cluster-ha")
STORES = ("etcd1", "etcd2", "etcd3")
NETWORKS = ("inside", "database")
WRITER = Path(__file__).with_name("writer.py")
PYTHON = "/opt/patroni/bin/python"
THREADS = 4
OF_THE_APP = (
    "import json; from core import database as d; print(json.dumps(d._beside(True).owning()))"
)
SILENCE = 4
"""Seconds, as in compose/cluster-ha.yml."""


class NoAnswer(Exception):
    """A member did not answer, or ended the session."""


@dataclass(frozen=True)
class HaStack:
    """Three members, three etcd and HAProxy."""

    name: str
    client: DockerClient
    folder: Path
    """For its secrets."""
    images: dict[str, str] = field(default_factory=dict)

    def compose(self, *argv: str) -> None:
        files = [word for name in FILES for word in ("--file", f"compose/{name}.yml")]
        files += ["--file", str(self.folder / "networks.json")]
        bundle = ca_bundle.ca_bundle(ROOT)
        env = {
            **os.environ,
            **self.images,
            "COMPOSE_PROJECT_NAME": self.name,
            "SECRETS_DIR": str(self.folder / ".secrets"),
            **({"CA_BUNDLE": str(bundle)} if bundle else {}),
        }
        command = ["docker", "compose", "--project-directory", str(ROOT), *files, *argv]
        subprocess.run(command, cwd=ROOT, env=env, check=True)

    def container(self, service: str) -> Container:
        return self.client.containers.get(f"{self.name}-{service}-1")

    def network(self, name: str) -> Network:
        return self.client.networks.get(f"{self.name}_{name}")

    def facts(self) -> ha.Database:
        # The second HAProxy, because the first one is the one that is lost.
        return ha.facts(self.client.containers.get(f"{self.name}-haproxy-2"))

    @contextmanager
    def cut_off(self, *services: tuple[str, ...]) -> Iterator[None]:
        """Take services off their networks; each is followed by the networks' names.

        They get the same addresses again: Swarm gives another one to a new container only.
        """
        addresses = {}
        for service, *networks in services:
            container = self.container(service)
            for name in networks:
                network = self.network(name)
                found = container.attrs["NetworkSettings"]["Networks"][network.name]
                addresses[service, name] = found["IPAddress"]
                network.disconnect(container)
        try:
            yield
        finally:
            for (service, name), address in addresses.items():
                alias = "db" if name == "inside" else service
                network = self.network(name)
                network.connect(self.container(service), aliases=[alias], ipv4_address=address)

    def move(self, member: str) -> None:
        """Start a member anew at another address, as Swarm does."""
        container, network = self.container(member), self.network("database")
        last = ip_network(network.attrs["IPAM"]["Config"][0]["Subnet"])[-2]
        container.stop()
        network.disconnect(container)
        network.connect(container, aliases=[member], ipv4_address=str(last))
        container.start()

    def let_lead(self, store: str) -> None:
        """Make one of the etcd their leader."""
        for name in STORES:
            status = self._etcdctl(name, "endpoint", "status")[0]["Status"]
            if name == store:
                wanted = status["header"]["member_id"]
            if status["leader"] == status["header"]["member_id"]:
                leader = name
        if leader != store:
            self._etcdctl(leader, "move-leader", f"{wanted:x}")

    def _etcdctl(self, store: str, *command: str) -> Any:
        asked = self.container(store).exec_run(["etcdctl", "--write-out=json", *command])
        assert isinstance(asked.output, bytes)
        assert asked.exit_code == 0, asked.output
        return json.loads(asked.output) if command[0] == "endpoint" else None

    def primary(self) -> str:
        """The name of the member that accepts writes; waits until there is one."""

        def found() -> str | None:
            primaries = self.facts().primaries
            return primaries[0].name if len(primaries) == 1 else None

        return wait_until("a primary", found, seconds=60)

    def standbys(self) -> list[str]:
        return [member for member in ha.MEMBERS if member != self.primary()]

    def wait_until_whole(self) -> None:
        """Wait until all members and etcd are there, and both standbys have what is committed."""

        def is_whole() -> bool:
            found = self.facts()
            acknowledging = [member for member in found.members if member.acknowledges]
            return not ha.problems(found) and len(acknowledging) == 2

        wait_until("a whole database", is_whole, seconds=120)

    def ask(self, member: str, sql: str) -> list[str]:
        """The rows that SQL returns to the superuser at a member."""
        argv = ["psql", "-XqAt", "--username=postgres", f"--dbname={DATABASE}", f"--command={sql}"]
        asked = self.container(member).exec_run(argv)
        assert isinstance(asked.output, bytes)
        if asked.exit_code != 0:
            raise NoAnswer(asked.output)
        return asked.output.decode().splitlines()

    def connection(self) -> dict[str, Any]:
        """libpq's parameters with which the app connects as the owner."""
        env = {
            **os.environ,
            "POSTGRES_HOST": "db",
            "POSTGRES_PASSWORD": secrets.read(self.folder, "postgres_password"),
            "POSTGRES_SILENCE_SECONDS": str(SILENCE),
        }
        command = [sys.executable, "-c", OF_THE_APP]
        output = subprocess.run(command, cwd=ROOT / "backend", env=env, capture_output=True)
        assert output.returncode == 0, output.stderr
        found: dict[str, Any] = json.loads(output.stdout)
        assert (found["dbname"], found["user"]) == (DATABASE, ROLE)
        return found

    @contextmanager
    def writer(self) -> Iterator[Writer]:
        """A client that writes as long as the block lasts."""
        self.ask(self.primary(), "DROP TABLE IF EXISTS written")
        self.ask(
            self.primary(),
            "CREATE TABLE written (thread int, number int, PRIMARY KEY (thread, number));"
            f" ALTER TABLE written OWNER TO {ROLE}",
        )
        argv = ["docker", "run", "--rm", "--interactive", f"--network={self.name}_inside"]
        argv += [f"--entrypoint={PYTHON}", f"{self.name}-postgres"]
        process = subprocess.Popen(
            [*argv, "-c", WRITER.read_text(encoding="utf-8")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        assert process.stdin
        assert process.stdout
        process.stdin.write(
            f"{json.dumps({'connection': self.connection(), 'threads': THREADS})}\n"
        )
        process.stdin.flush()
        assert process.stdout.readline() == "writing\n"
        made = Writer(process)
        try:
            yield made
        finally:
            made.stop()

    def wait_for_rows(self, number: int) -> None:
        """Wait until the primary has so many more rows of the writer."""

        seen: list[int] = []

        def are_there() -> bool:
            answer = self.ask(self.primary(), "SELECT count(*) FROM written")
            seen.extend(map(int, answer))  # a session that is ended may answer nothing
            return bool(seen) and seen[-1] >= seen[0] + number

        # A primary may step down between the two questions.
        wait_until(f"{number} rows", are_there, seconds=60, ignoring=(NoAnswer,))

    def empty(self, *services: str) -> None:
        """Start services anew, with nothing on their disks, as on another node."""
        self.compose("rm", "--force", "--stop", *services)
        for service in services:
            self.client.volumes.get(f"{self.name}_{service}_data").remove()
        self.compose("up", "--detach", "--no-build", "--no-deps", *services)

    def made_anew(self, member: str) -> bool:
        """Whether its data have been copied since its container's last start."""
        container = self.container(member)
        started = container.attrs["State"]["StartedAt"]
        lines = container.logs(since=datetime.fromisoformat(started)).decode()
        return "replica has been created using basebackup" in lines

    def missing(self, written: Written) -> list[list[int]]:
        """The acknowledged rows that the database does not have."""
        there = set(self.ask(self.primary(), "SELECT thread || ' ' || number FROM written"))
        return [row for row in written.rows if f"{row[0]} {row[1]}" not in there]


def write_networks(client: DockerClient, folder: Path) -> None:
    """A compose file that names the networks' addresses, so that a container may choose its own.

    Docker chooses them, once: two tests at a time get different ones.
    """
    probes = [client.networks.create(f"{folder.name}-{name}") for name in NETWORKS]
    made = {}
    for name, probe in zip(NETWORKS, probes, strict=True):
        probe.reload()
        subnet = probe.attrs["IPAM"]["Config"][0]["Subnet"]
        made[name] = {"ipam": {"config": [{"subnet": subnet}]}}
        probe.remove()
    (folder / "networks.json").write_text(json.dumps({"networks": made}), encoding="utf-8")


@contextmanager
def running(client: DockerClient, folder: Path) -> Iterator[HaStack]:
    """Build and start it; all of it is removed at the end."""
    wanted = {name: base_images.defaults()[name] for name in ("PYTHON_IMAGE", "POSTGRES_IMAGE")}
    images = base_images.variables(base_images.choose(client, ROOT, wanted))
    secrets.ensure(folder)
    ha.ensure_secrets(folder)
    write_networks(client, folder)
    made = HaStack(f"alarm-test-{os.getpid()}-ha", client, folder, images)
    try:
        made.compose("build", "--quiet", "etcd1", "postgres1", "haproxy")
        made.compose("up", "--detach", "--no-build", *STORES, *ha.MEMBERS, "haproxy")
        made.wait_until_whole()
        yield made
    finally:
        made.compose("down", "--volumes", "--timeout", "2", "--rmi", "local")
