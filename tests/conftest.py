"""Fixtures: a stack of the tests' own in the mode `--mode` or, with --running, the one that is up.

With --url it is what answers there, and the tests are those that need no more than its port.

One run of pytest has one stack: the smoke checks and the acceptance tests share it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from docker import DockerClient
from docker.models.containers import Container

from stack.cli.runner import Runner, for_project
from stack.cluster import commands
from stack.cluster.visit import Asker
from stack.compose import address
from stack.compose.address import Address
from stack.compose.checkout import project_of
from stack.compose.project import Project
from stack.config.modes import CLUSTER, MODES, PROD, Mode
from stack.engine import docker_engine
from stack.local.runner import Local
from tests.support import external_servers
from tests.support.alarm import panel, session_panel  # noqa: F401
from tests.support.external_servers import Server, Servers
from tests.support.own_stack import session_stack
from tests.support.site import Site

OF_ONE_CONTAINER = {"project", "app", "local", "client"}
"""Fixtures of tests that look into a container of Docker Compose's."""

OF_A_STACK = {"runner", *OF_ONE_CONTAINER}
"""Fixtures for which a port is not enough."""

SMOKE = Path(__file__).parent / "smoke"


def pytest_addoption(parser: pytest.Parser) -> None:
    help_ = "which mode to check"
    choices = sorted([*MODES, CLUSTER.name])
    parser.addoption("--mode", choices=choices, default="prod", help=help_)
    parser.addoption("--running", action="store_true", help="check the stack that is up")
    parser.addoption("--url", help="check production that answers there, whatever runs it")


def pytest_configure(config: pytest.Config) -> None:
    at_nginx = "at_nginx: what a reverse proxy in front of Nginx answers by itself"
    config.addinivalue_line("markers", at_nginx)
    config.addinivalue_line("markers", "mode(*names): a promise of these modes only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of other modes and, on a stack that is not theirs, the slow ones."""
    url, mode = config.getoption("--url"), config.getoption("--mode")
    is_cluster = mode == CLUSTER.name

    def is_wanted(item: pytest.Item) -> bool:
        marker = item.get_closest_marker("mode")
        # A cluster keeps production's promises; those about one container have no place there.
        is_of_mode = marker is None or (PROD.name if is_cluster else mode) in marker.args
        is_quick = SMOKE in item.path.parents or not (url or config.getoption("--running"))
        fixtures = {*getattr(item, "fixturenames", ())}
        if is_cluster and (item.get_closest_marker("at_nginx") or OF_ONE_CONTAINER & fixtures):
            return False
        return is_of_mode and is_quick and not (url and OF_A_STACK & fixtures)

    config.hook.pytest_deselected(items=[item for item in items if not is_wanted(item)])
    items[:] = filter(is_wanted, items)


@pytest.fixture(scope="session")
def mode(request: pytest.FixtureRequest) -> Mode:
    return {**MODES, CLUSTER.name: CLUSTER}[request.config.getoption("--mode")]


@pytest.fixture(scope="session")
def client() -> DockerClient:
    return docker_engine.connect()


@pytest.fixture(scope="module")
def servers(client: DockerClient, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """PostgreSQL servers outside of a stack."""
    with external_servers.servers(client, tmp_path_factory.mktemp("servers")) as made:
        yield made


@pytest.fixture(scope="module")
def primary(servers: Servers) -> Server:
    return servers.primary()


@pytest.fixture(scope="session")
def runner(request: pytest.FixtureRequest, mode: Mode) -> Iterator[Runner | Asker]:
    """Runs the stack under test; of a cluster, what can be asked of it."""
    if mode is CLUSTER:
        assert request.config.getoption("--running")
        yield Asker(commands.require_up())
        return
    if not request.config.getoption("--running"):
        with session_stack(request, mode) as own:
            yield own
        return
    running = for_project(project_of(mode))
    # Where it listens: `.env` may name another port since the start.
    port = next(row.port for row in running.rows() if row.name == "app")
    yield for_project(replace(running.project, port=port or running.project.port))


@pytest.fixture(scope="session")
def project(runner: Runner) -> Project:
    return runner.project


@pytest.fixture
def app(project: Project) -> Container:
    return project.containers()["app"]


@pytest.fixture
def local(runner: Runner) -> Local:
    assert isinstance(runner, Local)
    return runner


@pytest.fixture(scope="session")
def where(request: pytest.FixtureRequest) -> Address:
    """Where the stack is reached; with --url there is no runner to ask."""
    if url := request.config.getoption("--url"):
        return Address.from_url(url)
    return address.of(request.getfixturevalue("runner").project)


@pytest.fixture(scope="session")
def site(where: Address) -> Site:
    """The stack through its port, for a browser that is not logged in."""
    return Site(where)
