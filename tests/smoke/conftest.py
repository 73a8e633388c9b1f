"""Which stack the promises are checked on: one of the tests' own, or with --running the one that is
up. With --running, tests that restart programs or edit sources are left out.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from docker import DockerClient

from stack import engine, modes
from stack.console import Failure, say
from stack.modes import MODES, PROD, Stack
from stack.runner import Runner, of_stack
from tests.smoke.own_stack import own_stack
from tests.smoke.panel import Panel

DEVELOPMENT_PIN = "1234"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("smoke")
    group.addoption("--mode", choices=sorted(MODES), default="prod", help="which mode to check")
    group.addoption("--running", action="store_true", help="check the stack that is up")
    group.addoption("--pin", help="the PIN of the running stack, where it was changed")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mode(*names): a promise of these modes only")
    config.addinivalue_line("markers", "own_stack: restarts programs or edits sources")


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
    return engine.client()


@pytest.fixture(scope="session")
def stack(runner: Runner) -> Stack:
    return runner.stack


@pytest.fixture(scope="session")
def runner(request: pytest.FixtureRequest) -> Iterator[Runner]:
    """The stack under test; its log is printed before it goes down if a test has failed."""
    mode = MODES[request.config.getoption("--mode")]
    # What starting and stopping say is worth seeing while it happens.
    aloud = request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled
    try:
        if request.config.getoption("--running"):
            running = of_stack(modes.standard(mode))
            running.require_running()
            yield running
            return
        with own_stack(mode, aloud) as own:
            yield own
            if request.session.testsfailed:
                with aloud():
                    say(f"Log of {own.stack.project}:", style="bold")
                    own.logs(None, tail="200", follow=False)
    except Failure as failure:
        pytest.exit(str(failure), returncode=1)


@pytest.fixture(scope="session")
def panel_of_session(request: pytest.FixtureRequest, stack: Stack) -> Panel:
    first_pin = stack.root / ".secrets" / "alarm_pin"
    pin = request.config.getoption("--pin")
    if not pin:
        pin = DEVELOPMENT_PIN if stack.mode is not PROD else first_pin.read_text().strip()
    panel = Panel(stack.url, pin)
    if request.config.getoption("--running"):
        require_harmless(panel, stack)
    return panel


def require_harmless(panel: Panel, stack: Stack) -> None:
    """Leave an armed house alone, and do not arm one that these tests could not disarm."""
    smoke = f"inv {stack.mode.name}.smoke"
    if panel.state() != "disarmed":
        pytest.exit(f"✗ The alarm is not disarmed.\n  → Disarm it, then: {smoke}", returncode=1)
    if panel.post("/api/alarm/disarm/", {"pin": panel.pin}).status_code != 409:
        remedy = f"{smoke} --pin …"
        pytest.exit(f"✗ The panel's PIN is another by now.\n  → Type: {remedy}", returncode=1)


@pytest.fixture
def panel(panel_of_session: Panel) -> Iterator[Panel]:
    """The panel, disarmed before a test and after it."""
    panel_of_session.disarm()
    yield panel_of_session
    panel_of_session.wait_until_ready()
    panel_of_session.disarm()
