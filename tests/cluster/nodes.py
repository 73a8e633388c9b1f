"""Three nodes on one machine: engines in privileged containers, with a network between them.

Image, engine and the copy of the checkout are those of tests/engines. The first node has the
checkout and types `inv`; the others have an engine alone, and get all else as a machine that joins.
What each was told to do, and said, is in `.engines/node1.log` and those of the others.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from stack.config.modes import DEFAULT_PORT
from stack.core.polling import wait_until
from stack.database.server import DATABASE, ROLE
from tests.engines import project
from tests.engines.nested import Nested, copy_checkout, created, docker, load_base_images
from tests.engines.nested import start as start_engine
from tests.engines.recipes import Engine

NAMES = ("node1", "node2", "node3")
NETWORK = "alarm-cluster-nodes"
FIRST_ADDRESS = 11
"""The last number of the first node's address; the next ones follow."""

FILTER = ("PREROUTING --in-interface", "POSTROUTING --out-interface")
"""All packets of an interface, those of the node's containers too."""

ENGINE_DISK = "/cache/docker"
DISK_FILE = "/cache/disk"
DISK_SIZE = "4G"
RESOLVER = Path("/etc/resolv.conf")

# Whose session holds the lock of backend/alarm/leader.py.
LEADER = """SELECT pid FROM pg_locks
WHERE locktype = 'advisory' AND classid = 0 AND objid = 5427 AND objsubid = 1 AND granted"""


@dataclass(frozen=True)
class Node:
    """One machine."""

    nested: Nested
    address: str
    """IPv4, by which the other nodes and this machine reach it."""
    has_small_disk: bool
    """Whether its engine has a file system of its own, which can be filled."""

    @property
    def name(self) -> str:
        """As `inv cluster.status` names it."""
        return self.nested.engine.name

    @property
    def url(self) -> str:
        """Where its Traefik answers."""
        return f"http://{self.address}:{DEFAULT_PORT}"

    def root(self, command: str) -> str:
        """Run a shell command as root; what it says. Raises CommandFailed."""
        return self.nested.run(command, user="root", folder="/")

    def boot(self) -> None:
        """Start its engine."""
        # On a network of its own, a container asks Docker's resolver, which the containers of a
        # nested engine do not reach.
        given = RESOLVER.read_text(encoding="utf-8")
        self.nested.run("cat > /etc/resolv.conf", given=given, user="root", folder="/")
        if self.has_small_disk:
            self.root(f"mkdir -p {ENGINE_DISK} && mount {DISK_FILE} {ENGINE_DISK}")
        start_engine(self.nested)

    def add_small_disk(self) -> None:
        """Give it an empty disk for its engine; this machine formats it, as a node cannot.

        The engine's folder is else on this machine's own disk, which must not be filled.
        """
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, Path(DISK_FILE).name)
            subprocess.run(["mkfs.ext4", "-q", path, DISK_SIZE], check=True)
            packed = ["tar", "--sparse", f"--directory={folder}", "-cf", "-", path.name]
            unpack = self.nested.argv("tar -xf - -C /cache", user="root", folder="/")
            with subprocess.Popen(packed, stdout=subprocess.PIPE) as given:
                subprocess.run(unpack, stdin=given.stdout, check=True)

    def kill(self) -> None:
        """Let it vanish as in a power cut: it does not even end its connections."""
        self._filter("--insert")
        docker("kill", self.nested.container)

    def start(self) -> None:
        """Start it after `kill`, as a machine that boots: with its disk and its address."""
        docker("start", self.nested.container)
        self.boot()

    @contextmanager
    def cut_off(self) -> Iterator[None]:
        """It goes on, and no packet reaches it or leaves it; clients at its port get no answer."""
        self._filter("--insert")
        try:
            yield
        finally:
            self._filter("--delete")

    def last_said(self, words: str) -> datetime:
        """When a replica of the app here last logged these words. Raises CommandFailed: never."""
        containers = "$(docker ps --quiet --filter name=-cluster_app.)"
        logs = f"for one in {containers}; do docker logs --timestamps $one 2>&1; done"
        found = self.root(f"{logs} | grep --fixed-strings {shlex.quote(words)} | sort | tail -n 1")
        return datetime.fromisoformat(found.split()[0])

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Not a byte more fits on the disk of its engine."""
        big = f"{ENGINE_DISK}/full"
        # What is left below a block's size goes one byte at a time.
        fill = " ".join(f"dd if=/dev/zero of={big}.{size} bs={size};" for size in ("1M", "4k", "1"))
        self.root(f"{{ {fill} }} 2>/dev/null; df {ENGINE_DISK} >&2")
        try:
            yield
        finally:
            self.root(f"rm -f {big}.*")

    def _filter(self, verb: str) -> None:
        command = f"iptables --wait --table mangle {verb}"
        self.root(" && ".join(f"{command} {chain} eth0 --jump DROP" for chain in FILTER))


@dataclass(frozen=True)
class Nodes:
    """All of them, whether they are in the cluster or not."""

    all: tuple[Node, ...]

    @property
    def first(self) -> Node:
        """The one with the checkout."""
        return self.all[0]

    def named(self, name: str) -> Node:
        return next(node for node in self.all if node.name == name)

    def begin(self) -> str:
        """`inv cluster` as the first command in a fresh checkout; what it says."""
        return self.first.nested.run("./bootstrap inv cluster")

    def inv(self, *words: str) -> str:
        """Run `inv` on the first node, which has to succeed; what it says."""
        return self.first.nested.run(shlex.join([".venv/bin/inv", *words]))

    def join_line(self, *options: str) -> str:
        """The line for another machine; `options` are those of `inv cluster.join`."""
        command = shlex.join([".venv/bin/inv", "cluster.join", *options])
        return self.first.nested.run(f"{command} 2>/dev/null").strip()

    def status(self) -> dict[str, Any]:
        """What `inv cluster.status --json` prints, whether all is as asked or not."""
        # Its exit status is 1 where not all is.
        command = ".venv/bin/inv cluster.status --json 2>/cache/person/status.log || test $? = 1"
        found: dict[str, Any] = json.loads(self.first.nested.run(command))
        return found

    def wait_until_whole(self, seconds: float = 120) -> dict[str, Any]:
        """Wait until `inv cluster.status` names no problem; what it says then."""
        seen: list[dict[str, Any]] = []

        def whole() -> bool:
            seen.append(self.status())
            return not seen[-1]["problems"]

        wait_until("a cluster without problems", whole, seconds=seconds, ignoring=(ValueError,))
        return seen[-1]

    def sql(self, sql: str) -> list[str]:
        """The lines with which the database answers; it is on the first node."""
        psql = f"psql --username={ROLE} --dbname={DATABASE} --no-psqlrc --quiet"
        question = f"{psql} --tuples-only --no-align --command={shlex.quote(sql)}"
        container = "$(docker ps --quiet --filter name=-cluster_db.1.)"
        return self.first.root(f"docker exec {container} {question}").split()

    def reports(self) -> set[str]:
        """The identifiers of all reports that the database has."""
        return set(self.sql("SELECT event_id FROM alarm_report"))

    def leaders_session(self) -> str:
        """The session of the worker that leads; empty where none does."""
        return " ".join(self.sql(LEADER))

    def kill_replica(self, node: Node) -> None:
        """Kill the app's replica on a node; Swarm starts another one."""
        node.root("docker kill $(docker ps --quiet --filter name=-cluster_app.)")


def replicas(status: dict[str, Any], service: str = "app") -> dict[str, int]:
    """How many replicas of a service run, by the names of the nodes; without those that stop."""
    found: dict[str, int] = {}
    for row in status["replicas"]:
        if row["service"] == service and row["state"] == "running":
            found[row["node"]] = found.get(row["node"], 0) + 1
    return found


def leader(status: dict[str, Any]) -> str:
    """The name of the node whose worker leads; empty where none does."""
    return next((str(row["node"]) for row in status["replicas"] if row["leads"]), "")


@contextmanager
def running() -> Iterator[Nodes]:
    """Three engines that run, none of them in a swarm; the first has the checkout."""
    project.have_base_images()
    _remove_leftovers()
    with ExitStack() as stack:
        stack.callback(_remove_leftovers)
        subnet = _create_network()
        made = []
        for number, name in enumerate(NAMES):
            address = str(subnet[FIRST_ADDRESS + number])
            options = (
                *(f"--network={NETWORK}", f"--ip={address}", f"--hostname={name}"),
                # As a machine's: it is empty after a start.
                "--tmpfs=/run:exec",
            )
            engine = Engine(name, f"Node {number + 1}", suite="trixie")
            nested = stack.enter_context(created(engine, *options))
            # The first one's keeps its images and its build cache from run to run.
            node = Node(nested, address, has_small_disk=number > 0)
            # What an earlier run was a member of, and its networks, which can be in the way of this
            # one's addresses.
            node.root("rm -rf /cache/docker/swarm /cache/docker/network")
            if node.has_small_disk:
                node.add_small_disk()
            node.boot()
            made.append(node)
        load_base_images(made[0].nested)
        copy_checkout(made[0].nested)
        yield Nodes(tuple(made))


def _create_network() -> IPv4Network:
    """A bridge network whose addresses can be chosen; Docker chooses the range."""
    docker("network", "create", NETWORK)
    form = "{{(index .IPAM.Config 0).Subnet}}"
    subnet = docker("network", "inspect", f"--format={form}", NETWORK)
    docker("network", "rm", NETWORK)
    docker("network", "create", f"--subnet={subnet}", NETWORK)
    return IPv4Network(subnet)


def _remove_leftovers() -> None:
    """Remove nodes, network and disks, but for the first one's disk: it has what builds need."""
    containers = [f"alarm-engines-{name}" for name in NAMES]
    for command in (
        ("rm", "--force", *containers),
        ("volume", "rm", "--force", *containers[1:]),
        ("network", "rm", NETWORK),
    ):
        subprocess.run(["docker", *command], capture_output=True, check=False)
