"""The cluster of three nodes, which the tests of several modules share, and their figures.

Its fixtures are its life in order: begun, refused, joined, spread. Its table of load is printed at
the end.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from stack.compose.address import Address
from stack.core.polling import wait_until
from tests.cluster import nodes as nodes_
from tests.cluster.load.load import Size
from tests.cluster.load.scenario import Scenarios
from tests.cluster.load.table import FILE, NOTE, Table
from tests.cluster.nodes import NAMES, Nodes
from tests.engines.nested import CommandFailed
from tests.faults.load import Sensors
from tests.support.panel import ADMIN, Panel

Tell = Callable[[str], None]
TABLE = pytest.StashKey[Table]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pages", type=int, default=Size.pages, help="WebSockets of the load")
    parser.addoption("--requests", type=int, default=Size.requests, help="requests a second")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TABLE] = Table()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    table = terminalreporter.config.stash[TABLE]
    if table.rows:
        table.write()
        terminalreporter.section(f"Load: {FILE}")
        terminalreporter.write_line(f"{NOTE}\n\n{table.markdown()}")


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest) -> Tell:
    """Print a figure, also of a test that passes."""

    def line(text: str) -> None:
        with capsys.disabled():
            print(f"\n{request.node.name}: {text}")

    return line


@pytest.fixture(scope="session")
def nodes() -> Iterator[Nodes]:
    with nodes_.running() as made:
        yield made


@pytest.fixture(scope="session")
def begun(nodes: Nodes) -> tuple[str, float]:
    """What the first command of a fresh checkout said, and its seconds."""
    started = time.monotonic()
    return nodes.begin(), time.monotonic() - started


@pytest.fixture(scope="session")
def refused(nodes: Nodes, begun: tuple[str, float]) -> list[str]:
    """What a machine was told whose line was an old one."""
    old = nodes.join_line("--manager")
    nodes.inv("cluster.join", "--manager", "--rotate")
    with pytest.raises(CommandFailed) as failed:
        nodes.all[2].root(old)
    return str(failed.value).splitlines()


@dataclass(frozen=True)
class Joined:
    """Two nodes that have joined."""

    seconds: float
    """Until all nodes serve."""
    roles: list[tuple[str, str]]
    """Of each node, by name, before the last one is promoted."""


@pytest.fixture(scope="session")
def joined(nodes: Nodes, refused: list[str]) -> Joined:
    """The two others join, as a manager and as a worker, which is made a manager then."""
    _, second, third = nodes.all
    started = time.monotonic()
    second.root(nodes.join_line("--manager"))
    third.root(nodes.join_line())
    wait_until("three nodes", lambda: _are_ready(nodes), seconds=120)
    # As people do it: it also lets Swarm look again at a node that it has overlooked.
    nodes.inv("cluster.scale", "app=2")
    wait_until("a Traefik on each node", lambda: _have(nodes, "traefik"), seconds=120)
    status = nodes.wait_until_whole()
    roles = [(node["name"], node["role"]) for node in status["nodes"]]
    made = Joined(time.monotonic() - started, roles)
    nodes.first.root(f"docker node promote {third.name}")
    nodes.wait_until_whole()
    return made


def _are_ready(nodes: Nodes) -> bool:
    return [node["state"] for node in nodes.status()["nodes"]] == ["ready"] * len(NAMES)


def _have(nodes: Nodes, service: str) -> bool:
    return nodes_.replicas(nodes.status(), service) == dict.fromkeys(NAMES, 1)


@pytest.fixture(scope="session")
def spread(nodes: Nodes, joined: Joined) -> dict[str, int]:
    """How many replicas each node has after `.scale app=3`."""
    nodes.inv("cluster.scale", "app=3")
    return nodes_.replicas(nodes.wait_until_whole())


@pytest.fixture(scope="session")
def panels(nodes: Nodes, begun: tuple[str, float], spread: dict[str, int]) -> list[Panel]:
    """The panel through each node's port, with the admin logged in."""
    return first_visit(nodes, begun[0])


def first_visit(nodes: Nodes, said: str) -> list[Panel]:
    """Create the admin with the setup token that `inv cluster` said; log in at each node."""
    made = [Panel(Address.from_url(node.url)) for node in nodes.all]
    token = re.findall(r"Setup token: (\S+)", said)[0]
    made[0].first_visit(token)
    body = {name: ADMIN[name] for name in ("username", "password")}
    for panel in made[1:]:
        assert panel.post("/api/session/", body).status_code == 200
    return made


@pytest.fixture(scope="session")
def sensors(panels: list[Panel]) -> Sensors:
    """A sensor for each node."""
    return three_sensors(panels[0])


def three_sensors(panel: Panel) -> Sensors:
    """The identifiers and tokens of three new ones."""
    return [_sensor(panel, name) for name in ("Hall", "Cellar", "Attic")]


def _sensor(panel: Panel, name: str) -> tuple[int, str]:
    """The identifier and the token of a new one."""
    # Without a heartbeat it has no trouble before its first report.
    body = {"name": name, "kind": "motion", "type": "entry_exit", "heartbeat": 0}
    answer = panel.post("/api/sensors/", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"], answer.json()["token"]


@pytest.fixture(scope="session")
def table(request: pytest.FixtureRequest) -> Table:
    return request.config.stash[TABLE]


@pytest.fixture(scope="session")
def size(request: pytest.FixtureRequest) -> Size:
    """The load's, which a slower machine may have smaller."""
    return Size(request.config.getoption("--pages"), request.config.getoption("--requests"))


@pytest.fixture
def scenarios(
    nodes: Nodes, panels: list[Panel], sensors: Sensors, table: Table, size: Size
) -> Scenarios:
    """The load, on a cluster that is whole and has a replica on each node."""
    bring_together(nodes)
    return Scenarios(nodes, panels, sensors, table, size)


def bring_together(nodes: Nodes) -> None:
    """Wait until the cluster is whole, with a replica on each node."""
    each = dict.fromkeys(NAMES, 1)
    if nodes_.replicas(nodes.wait_until_whole(300)) != each:
        nodes.inv("cluster.scale", "app=3")
        assert nodes_.replicas(nodes.wait_until_whole()) == each
