"""Which stack the promises are checked on: one of the tests' own, or with --running the one that is
up. What is marked own_stack restarts programs, edits sources, or takes long. So --running leaves it
out, and nox has sessions of its own for it (acceptance-dev): smoke checks take seconds.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from docker import DockerClient

from stack.cli.runner import Runner, of_stack
from stack.compose.checkout import standard
from stack.compose.project import Project
from stack.config.modes import MODES
from stack.core.console import Failure
from stack.engine import docker_engine
from tests.smoke.own_stack import of_session
from tests.smoke.panel import Panel


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("smoke")
    group.addoption("--mode", choices=sorted(MODES), default="prod", help="which mode to check")
    group.addoption("--running", action="store_true", help="check the stack that is up")
    group.addoption("--pin", help="and its PIN, which disarms sooner than a command does")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mode(*names): a promise of these modes only")
    config.addinivalue_line("markers", "own_stack: restarts, edits or takes long: no smoke check")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what does not belong to this mode, and what a person's stack must not suffer."""

    def belongs(item: pytest.Item) -> bool:
        of_mode = item.get_closest_marker("mode")
        if of_mode and config.getoption("--mode") not in of_mode.args:
            return False
        return not (config.getoption("--running") and item.get_closest_marker("own_stack"))

    left_out = [item for item in items if not belongs(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if belongs(item)]


@pytest.fixture(scope="session")
def client() -> DockerClient:
    """For promises about containers."""
    return docker_engine.connect()


@pytest.fixture(scope="session")
def project(runner: Runner) -> Project:
    return runner.project


@pytest.fixture(scope="session")
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    """Who runs the stack under test."""
    mode = MODES[request.config.getoption("--mode")]
    try:
        if request.config.getoption("--running"):
            running = of_stack(standard(mode))
            running.require_running()
            yield running
        else:
            with of_session(request, mode) as own:
                yield own
    except Failure as failure:
        pytest.exit(str(failure), returncode=1)


@pytest.fixture(scope="session")
def panel_of_session(request: pytest.FixtureRequest, runner: Runner) -> Panel:
    if request.config.getoption("--running"):
        return panel_of_a_person(runner, request.config.getoption("--pin"))
    panel = Panel(runner.project.url)
    panel.set_up()
    return panel


def panel_of_a_person(runner: Runner, pin: str | None) -> Panel:
    """The panel of a stack that is in use, through a session of five minutes.

    Leaves an armed house alone, and one where nobody has been yet.
    """
    url, smoke = runner.project.url, f"inv {runner.project.mode.name}.smoke"
    opened = runner.ask_app("python", "manage.py", "open_session", "--minutes", "5")
    if opened.returncode != 0:
        remedy = f"Open {url} and create the first account, then: {smoke}"
        pytest.exit(f"✗ {opened.stderr.strip()}\n  → {remedy}", returncode=1)

    def disarm() -> None:
        runner.ask_app("python", "manage.py", "alarm", "disarm").check_returncode()

    panel = Panel(url, disarm, pin)
    panel.http.cookies.set("sessionid", opened.stdout.split()[-1])
    if panel.state() != "disarmed":
        remedy = f"Disarm it, then: {smoke}"
        pytest.exit(f"✗ The alarm is not disarmed.\n  → {remedy}", returncode=1)
    return panel


@pytest.fixture
def panel(panel_of_session: Panel) -> Iterator[Panel]:
    """The panel, disarmed before a test and after it."""
    panel_of_session.disarm()
    yield panel_of_session
    panel_of_session.wait_until_ready()
    panel_of_session.disarm()
