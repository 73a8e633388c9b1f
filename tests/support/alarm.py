"""Fixtures of the alarm: its panel, set up and disarmed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NoReturn

import pytest

from stack.cli.runner import Runner
from stack.compose import address
from stack.compose.address import Address
from tests.support.panel import Panel


@pytest.fixture(scope="session")
def session_panel(request: pytest.FixtureRequest, where: Address) -> Panel:
    """The panel, set up, with its admin logged in; with --url, a new one with PANEL_SETUP_TOKEN."""
    panel = Panel(where)
    if request.config.getoption("--url"):
        panel.first_visit(os.environ["PANEL_SETUP_TOKEN"])
        return panel
    runner = request.getfixturevalue("runner")
    if request.config.getoption("--running"):
        return panel_in_use(runner, os.environ.get("PANEL_PIN"))
    panel.set_up(runner.project)
    return panel


def panel_in_use(runner: Runner, pin: str | None) -> Panel:
    """The panel of a stack that is in use, through a session of five minutes.

    Refuses a panel that is armed or not set up.
    """
    where, smoke = address.of(runner.project), f"inv {runner.project.mode.name}.smoke"
    opened = runner.ask_app("python", "manage.py", "open_session", "--minutes", "5")
    if opened.returncode != 0:
        remedy = f"{where.for_people()} and create the first account, then: {smoke}"
        refuse(opened.stderr.strip().removeprefix("CommandError: "), remedy)

    def disarm() -> None:
        runner.ask_app("python", "manage.py", "alarm", "disarm").check_returncode()

    panel = Panel(where, disarm, pin)
    # A version that is upgraded from may print the value alone.
    name, _, value = opened.stdout.split()[-1].rpartition("=")
    panel.http.cookies.set(name or "sessionid", value)
    if panel.state() != "disarmed":
        refuse("The alarm is not disarmed.", f"Disarm it, then: {smoke}")
    return panel


def refuse(what: str, remedy: str) -> NoReturn:
    """End the run with two lines, apart from pytest's own marks before and after them."""
    pytest.exit(f"\n✗ {what}\n  → {remedy}\n", returncode=1)


@pytest.fixture
def panel(session_panel: Panel) -> Iterator[Panel]:
    """The panel, disarmed before a test and after it."""
    session_panel.disarm()
    yield session_panel
    session_panel.wait_until_ready()
    session_panel.disarm()
