"""A production stack for the faults, and the table that is printed at the end."""

from __future__ import annotations

import pytest
from docker.models.containers import Container

from stack.compose.project import Project
from tests.faults.load import Load, Sensors
from tests.faults.report import Report
from tests.support.panel import Panel

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
def panel(session_panel: Panel) -> Panel:
    """The panel, whatever its state."""
    return session_panel


@pytest.fixture(scope="session")
def sensors(panel: Panel) -> Sensors:
    return two_sensors(panel)


def two_sensors(panel: Panel) -> Sensors:
    """Two new motion sensors, which write during every fault."""
    made: Sensors = []
    for name in ("Hall", "Cellar"):
        # Without a heartbeat: they do not prevent arming before their first report.
        body = {"name": name, "kind": "motion", "type": "entry_exit", "heartbeat": 0}
        answer = panel.post("/api/sensors/", body)
        assert answer.status_code == 201, answer.text
        made.append((answer.json()["id"], answer.json()["token"]))
    return made


@pytest.fixture
def load(project: Project, panel: Panel, sensors: Sensors, report: Report) -> Load:
    panel.wait_until_ready()
    return Load(project, panel, sensors, report)


@pytest.fixture
def db(project: Project) -> Container:
    return project.containers()["db"]
