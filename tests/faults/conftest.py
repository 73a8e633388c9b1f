"""Faults are caused on a production stack of the tests' own; the table is printed at the end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from docker import DockerClient
from docker.models.containers import Container

from stack.cli.runner import Runner
from stack.compose.project import Project
from stack.config.modes import PROD
from stack.core.console import Failure
from stack.engine import docker_engine
from tests.faults.load import Load, Sensors
from tests.faults.report import Report
from tests.smoke.own_stack import of_session
from tests.smoke.panel import Panel

REPORT = pytest.StashKey[Report]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[REPORT] = Report()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    report = terminalreporter.config.stash[REPORT]
    if report.rows:
        terminalreporter.ensure_newline()
        report.show()
        report.write()


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Report:
    return request.config.stash[REPORT]


@pytest.fixture(scope="session")
def client() -> DockerClient:
    return docker_engine.connect()


@pytest.fixture(scope="session")
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    try:
        with of_session(request, PROD) as own:
            yield own
    except Failure as failure:
        pytest.exit(str(failure), returncode=1)


@pytest.fixture(scope="session")
def project(runner: Runner) -> Project:
    return runner.project


@pytest.fixture(scope="session")
def panel(project: Project) -> Panel:
    """The panel, set up, with its admin logged in."""
    panel = Panel(project.url)
    panel.set_up()
    return panel


@pytest.fixture(scope="session")
def sensors(panel: Panel) -> Sensors:
    return two_sensors(panel)


def two_sensors(panel: Panel) -> Sensors:
    """Two new motion sensors: the writers of every fault."""
    made: Sensors = []
    for name in ("Hall", "Cellar"):
        answer = panel.post("/api/sensors/", {"name": name, "kind": "motion", "entry_delay": True})
        assert answer.status_code == 201, answer.text
        made.append((answer.json()["id"], answer.json()["token"]))
    return made


@pytest.fixture
def load(project: Project, panel: Panel, sensors: Sensors, report: Report) -> Load:
    panel.wait_until_ready()
    return Load(project, panel, sensors, report)


@pytest.fixture
def app(project: Project) -> Container:
    return project.containers()["app"]


@pytest.fixture
def db(project: Project) -> Container:
    return project.containers()["db"]
