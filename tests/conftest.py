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
from stack.compose import address
from stack.compose.address import Address
from stack.compose.checkout import project_of
from stack.compose.project import Project
from stack.config.modes import MODES, Mode
from stack.engine import docker_engine
from stack.local.runner import Local
from tests.support.alarm import panel, session_panel  # noqa: F401
from tests.support.own_stack import session_stack
from tests.support.site import Site

SMOKE = Path(__file__).parent / "smoke"
OF_A_STACK = {"runner", "project", "app", "local", "client"}
"""Fixtures for which a port is not enough."""


def pytest_addoption(parser: pytest.Parser) -> None:
    help_ = "which mode to check"
    parser.addoption("--mode", choices=sorted(MODES), default="prod", help=help_)
    parser.addoption("--running", action="store_true", help="check the stack that is up")
    parser.addoption("--url", help="check production that answers there, whatever runs it")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mode(*names): a promise of these modes only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the tests of other modes and, on a stack that is not theirs, the slow ones."""
    url = config.getoption("--url")

    def is_wanted(item: pytest.Item) -> bool:
        marker = item.get_closest_marker("mode")
        is_of_mode = marker is None or config.getoption("--mode") in marker.args
        is_quick = SMOKE in item.path.parents or not (url or config.getoption("--running"))
        needs_stack = OF_A_STACK & {*getattr(item, "fixturenames", ())}
        return is_of_mode and is_quick and not (url and needs_stack)

    config.hook.pytest_deselected(items=[item for item in items if not is_wanted(item)])
    items[:] = filter(is_wanted, items)


@pytest.fixture(scope="session")
def mode(request: pytest.FixtureRequest) -> Mode:
    return MODES[request.config.getoption("--mode")]


@pytest.fixture(scope="session")
def client() -> DockerClient:
    return docker_engine.connect()


@pytest.fixture(scope="session")
def runner(request: pytest.FixtureRequest, mode: Mode) -> Iterator[Runner]:
    """Runs the stack under test."""
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
