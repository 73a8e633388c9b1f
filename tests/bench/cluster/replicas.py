"""So many replicas of the app as a cluster has, their database, and Traefik in front of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from docker.models.containers import Container
from docker.models.networks import Network

from stack.cluster.project import ClusterProject
from stack.compose import lifecycle
from stack.compose.address import Address
from stack.compose.project import NUMBER_LABEL, PROJECT_LABEL
from stack.config.modes import CLUSTER
from stack.core.console import Failure
from stack.core.polling import wait_until
from stack.core.process import run_quietly
from stack.database.server import DATABASE, PSQL, USER
from stack.doctor import leftovers
from stack.images import app_image, cluster_images
from tests.bench.cluster import plain_file
from tests.bench.cluster.meter import Meter
from tests.bench.testbed import Testbed
from tests.support.containers import output_of
from tests.support.panel import Panel
from tests.support.site import Site

FOLDER = ".bench"
"""Of the checkout's copy; the compose file and Traefik's are written there."""

PANEL_PORT, REPLICA_PORT, METRICS_PORT = 8080, 80, 9427
READY_SECONDS = 180
"""The limit for a start; not Compose's `--wait`, which a health check on a busy machine ends."""

SECONDS = 60
"""The limit for one answer, on a machine that has other work too."""

SETUP_TOKEN = ("/entrypoint.sh", "python", "manage.py", "setup_token")

LEADER = """
SELECT host(client_addr) FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE locktype = 'advisory' AND objid = 5427 AND objsubid = 1 AND granted AND datname = '{database}'
"""
"""The lock of backend/alarm/leader.py."""

SESSIONS = """
SELECT host(client_addr), application_name, count(*) FROM pg_stat_activity
WHERE datname = '{database}' AND client_addr IS NOT NULL GROUP BY 1, 2
"""


@dataclass
class Replicas:
    """The containers that run now."""

    project: ClusterProject
    testbed: Testbed
    networks: dict[str, Network]
    apps: dict[str, Container] = field(default_factory=dict)
    """By a short name: app-1, app-2, …"""
    db: Container = field(init=False)
    traefik: Container = field(init=False)

    def scale(self, count: int) -> None:
        """Run so many replicas, all of them ready and known to a new Traefik."""
        if len(self.apps) == count:
            return
        self._write([])
        self._up("app", "--scale", f"app={count}")
        found = self.project.containers_of("app")
        found.sort(key=lambda container: int(container.labels[NUMBER_LABEL]))
        self.apps = {f"app-{one.labels[NUMBER_LABEL]}": one for one in found}
        self.db = self.project.containers_of("db")[0]
        for name in self.apps:
            _wait_for(self.site(name, METRICS_PORT), "/ready")
        self._write([self._address(app, "front") for app in self.apps.values()])
        self._up("traefik", "--force-recreate", "--no-deps")
        self.traefik = self.project.containers_of("traefik")[0]
        in_front = Site(Address(self._address(self.traefik, "default"), PANEL_PORT))
        _wait_for(in_front, "/api/health/ready/")

    def meter(self) -> Meter:
        """The counters of all that runs."""
        containers = {**self.apps, "db": self.db, "traefik": self.traefik}
        return Meter(self.project.client, containers)

    def site(self, name: str, port: int) -> Site:
        """A replica, asked directly at one of its ports."""
        return Site(Address(self._address(self.apps[name], "default"), port), seconds=SECONDS)

    def panel(self, name: str) -> Panel:
        """The same at the port of the panel; not logged in."""
        return Panel(self.site(name, REPLICA_PORT).address, seconds=SECONDS)

    def leader(self) -> str:
        """The replica whose worker leads."""

        def holder() -> str:
            (address,) = self.ask(LEADER) or [""]
            return self.names().get(address, "")

        return wait_until("a worker that leads", holder, seconds=30)

    def names(self) -> dict[str, str]:
        """The replicas by the addresses at which the database knows them."""
        return {self._address(app, "inside"): name for name, app in self.apps.items()}

    def sessions(self) -> dict[tuple[str, str], int]:
        """How many sessions the database has, by replica and what the session calls itself."""
        names = self.names()
        rows = [row.split("|") for row in self.ask(SESSIONS)]
        return {(names[row[0]], row[1]): int(row[2]) for row in rows if row[0] in names}

    def ask(self, sql: str) -> list[str]:
        """The rows that SQL returns to the owner."""
        statement = f"--command={sql.format(database=DATABASE)}"
        done = self.db.exec_run([*PSQL, USER, f"--dbname={DATABASE}", statement])
        assert isinstance(done.output, bytes)
        assert done.exit_code == 0, done.output
        return done.output.decode().splitlines()

    def _address(self, container: Container, network: str) -> str:
        networks = container.attrs["NetworkSettings"]["Networks"]
        return str(networks[f"{self.project.name}_{network}"]["IPAddress"])

    @property
    def _file(self) -> Path:
        return self.project.root / FOLDER / "cluster.json"

    def _write(self, addresses: list[str]) -> None:
        """Write the compose file, and Traefik's with these replicas."""
        asked = self.project.capture("config", "--format", "json")
        if asked.returncode != 0:
            raise Failure("Docker Compose cannot read the cluster's files.", asked.stderr)
        config = json.loads(asked.stdout)
        dynamic = self._file.with_name("dynamic.yml")
        image = app_image.name(self.testbed.project.name)
        trusted = self.networks["front"].attrs["IPAM"]["Config"][0]["Subnet"]
        made = plain_file.plain_file(config, image, trusted, str(dynamic))
        text = Path(config["configs"]["traefik"]["file"]).read_text(encoding="utf-8")
        labels = config["services"]["app"]["deploy"]["labels"]
        dynamic.write_text(plain_file.dynamic_file(text, labels, addresses), encoding="utf-8")
        self._file.write_text(json.dumps(made), encoding="utf-8")

    def _up(self, service: str, *options: str) -> None:
        argv = ["docker", "compose", "--project-name", self.project.name, "--progress", "plain"]
        argv += ["--file", str(self._file), "--project-directory", str(self.project.root)]
        argv += ["up", "--detach", "--no-build"]
        run_quietly(
            f"Starting {service} {' '.join(options)}",
            [*argv, *options, service],
            remedy="Correct what the lines above say",
            cwd=self.project.root,
            env=self.project.environment,
        )


def _wait_for(site: Site, path: str) -> None:
    def answers() -> bool:
        return site.get(path).ok

    wait_until(path, answers, seconds=READY_SECONDS, ignoring=(requests.RequestException,))


@contextmanager
def replicas(testbed: Testbed, count: int) -> Iterator[tuple[Replicas, Panel]]:
    """So many replicas, one with its first admin logged in; all is removed afterwards."""
    root, client = testbed.root, testbed.client
    name = f"{testbed.project.name}-cluster"
    prepared = lifecycle.prepare(ClusterProject(CLUSTER, name, 0, root), tell=False)
    assert isinstance(prepared, ClusterProject)
    python = testbed.facts()["PYTHON_IMAGE"]
    cluster_images.build(client, ["alarm-bases/traefik:3.7"], python)
    (root / FOLDER).mkdir(exist_ok=True)
    try:
        networks = {
            short: client.networks.create(
                f"{name}_{short}", internal=is_internal, labels={PROJECT_LABEL: name}
            )
            for short, is_internal in plain_file.NETWORKS.items()
        }
        for network in networks.values():
            network.reload()
        running = Replicas(prepared, testbed, networks)
        running.scale(count)
        panel = running.panel("app-1")
        panel.first_visit(output_of(running.apps["app-1"], *SETUP_TOKEN).strip())
        yield running, panel
    finally:
        leftovers.remove_projects(client, name)
