"""Which stack the promises are checked on: one of the tests' own, or with --running the one that is
up. With --running, tests that restart programs or edit sources are left out.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest
from docker import DockerClient

from stack import engine, lifecycle, modes
from stack.console import Failure, say
from stack.modes import MODES, Stack
from tests.smoke.own_stack import own_stack
from tests.smoke.panel import Panel


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("smoke")
    group.addoption("--mode", choices=sorted(MODES), default="prod", help="which mode to check")
    group.addoption("--running", action="store_true", help="check the stack that is up")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mode(name): a promise of one mode only")
    config.addinivalue_line("markers", "own_stack: restarts programs or edits sources")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what does not belong to this mode, and what a person's stack must not suffer."""

    def belongs(item: pytest.Item) -> bool:
        of_mode = item.get_closest_marker("mode")
        if of_mode and of_mode.args[0] != config.getoption("--mode"):
            return False
        return not (config.getoption("--running") and item.get_closest_marker("own_stack"))

    left_out = [item for item in items if not belongs(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if belongs(item)]


@pytest.fixture(scope="session")
def client() -> DockerClient:
    return engine.client()


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, client: DockerClient) -> Iterator[Stack]:
    """The stack under test; its log is printed before it goes down if a test has failed."""
    mode = MODES[request.config.getoption("--mode")]
    # What starting and stopping say is worth seeing while it happens.
    aloud = request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled
    try:
        if request.config.getoption("--running"):
            running = modes.standard(mode)
            lifecycle.require_running(running, client)
            yield running
            return
        with own_stack(mode, client, aloud) as own:
            yield own
            if request.session.testsfailed:
                with aloud():
                    say(f"Log of {own.project}:", style="bold")
                    lifecycle.show_logs(own, client)
    except Failure as failure:
        pytest.exit(str(failure), returncode=1)


@pytest.fixture(scope="session")
def panel_of_session(request: pytest.FixtureRequest, stack: Stack, client: DockerClient) -> Panel:
    if request.config.getoption("--running"):
        return panel_of_a_person(stack, client)
    panel = Panel(stack.url)
    panel.set_up()
    return panel


def panel_of_a_person(stack: Stack, client: DockerClient) -> Panel:
    """The panel of a stack that is in use, through a session of five minutes.

    Leaves an armed house alone, and one where nobody has been yet.
    """
    mode = stack.mode.name
    opened = manage(stack, "open_session", "--minutes", "5")
    if opened.returncode != 0:
        remedy = f"Open {stack.url} and create the first account, then: inv {mode}.smoke"
        pytest.exit(f"✗ {opened.stderr.strip()}\n  → {remedy}", returncode=1)

    def disarm() -> None:
        manage(stack, "alarm", "disarm").check_returncode()

    panel = Panel(stack.url, disarm)
    panel.http.cookies.set("sessionid", opened.stdout.split()[-1])
    if panel.state() != "disarmed":
        remedy = f"Disarm it, then: inv {mode}.smoke"
        pytest.exit(f"✗ The alarm is not disarmed.\n  → {remedy}", returncode=1)
    return panel


def manage(stack: Stack, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command of manage.py in the running app container, and keep what it prints."""
    argv = stack.compose("exec", "-T", "app", "/entrypoint.sh", "python", "manage.py", *command)
    env = {**os.environ, **stack.variables}
    return subprocess.run(
        argv, cwd=stack.root, env=env, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def panel(panel_of_session: Panel) -> Iterator[Panel]:
    """The panel, disarmed before a test and after it."""
    panel_of_session.disarm()
    yield panel_of_session
    panel_of_session.wait_until_ready()
    panel_of_session.disarm()
