"""Chromium and a production stack of the tests' own.

Screenshots and the traces of failed tests are kept in .browser/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from stack.compose import address
from stack.compose.project import Project
from stack.core.polling import wait_until
from stack.deploy.containers import Containers
from tests.browser import chromium
from tests.browser import first_run as first_run_through_the_page
from tests.support.panel import ADMIN, Panel, setup_token

PATIENCE_MS = 15_000
"""How long a page may take to show something; CI machines are slow."""

RESIDENT = {"username": "lee", "name": "Lee", "password": "a window and four doors"}
KIOSK = {"username": "hall", "name": "Hall", "password": "seven tablets on a wall"}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The tests' Chromium and its arguments; options such as `--headed` still apply."""
    path = chromium.executable()
    own = {"args": chromium.arguments(), **({"executable_path": path} if path else {})}
    return {**browser_type_launch_args, **own}


@pytest.fixture(scope="session")
def base_url(project: Project) -> str:
    """Paths like `/events` are the panel's."""
    return address.of(project).url


@pytest.fixture(scope="session", autouse=True)
def patience() -> None:
    expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class FirstRun:
    """Results of the first run, which happens once."""

    requests_refused: dict[str, int]
    """Status codes that an anonymous client got before it, by path."""
    faults: list[str]
    """The violations that axe found on its page."""


@pytest.fixture(scope="session")
def first_run(browser: Browser, browser_context_args: dict[str, Any], project: Project) -> FirstRun:
    """Create the first admin through the page; then sensors, people and past events."""
    anonymous = Panel(address.of(project))
    refused = {path: anonymous.get(path).status_code for path in ("/api/events/", "/api/sensors/")}
    context = browser.new_context(**browser_context_args)
    context.set_default_timeout(PATIENCE_MS)
    faults = first_run_through_the_page.complete(context.new_page(), setup_token(project))
    done = FirstRun(refused, faults)
    context.close()
    assert Containers(project).in_app("python", "manage.py", "seed", "--force") == 0
    return done


@pytest.fixture(scope="session")
def panel(project: Project, first_run: FirstRun) -> Panel:
    """The panel over HTTP, logged in, to set up the state that the pages show."""
    panel = Panel(address.of(project))
    assert panel.post("/api/session/", ADMIN).status_code == 200
    answer = panel.post("/api/people/", {**RESIDENT, "role": "resident", "is_active": True})
    assert answer.status_code == 201, answer.text
    return panel


@pytest.fixture(scope="session")
def tablet(panel: Panel) -> dict[str, str]:
    """The login of a tablet."""
    panel.disarm()
    answer = panel.post("/api/people/", {**KIOSK, "role": "kiosk", "is_active": True})
    assert answer.status_code == 201, answer.text
    return KIOSK


@pytest.fixture
def visit(
    browser: Browser, browser_context_args: dict[str, Any], panel: Panel
) -> Iterator[Callable[..., Page]]:
    """Open a page in a browser of its own, logged in or not.

    `visit("/events")`, `visit("/login", person=None)`, `visit("/", color_scheme="dark")`
    """
    contexts: list[BrowserContext] = []

    def visit(path: str, person: dict[str, str] | None = ADMIN, **settings: Any) -> Page:
        context = browser.new_context(**{**browser_context_args, **settings})
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if person:
            context.add_cookies(session_cookies(panel, person))
        page = context.new_page()
        page.goto(path)
        return page

    yield visit
    for context in contexts:
        # What still answers a request would fail in the next test.
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")
        context.close()


def session_cookies(panel: Panel, person: dict[str, str]) -> list[Any]:
    """The cookies of a new session."""
    visitor = panel.anonymous()
    answer = visitor.post("/api/session/", person)
    assert answer.status_code == 200, answer.text
    return [
        {"name": cookie.name, "value": cookie.value, "url": panel.url}
        for cookie in visitor.http.cookies
    ]


@pytest.fixture
def disarmed(panel: Panel) -> Iterator[Panel]:
    """The panel, logged in, disarmed before a test and after it."""
    panel.disarm()
    yield panel
    wait_until("the panel to be ready", lambda: panel.get("/api/health/ready/").ok, seconds=60)
    panel.disarm()


def set_delays(panel: Panel, exit_delay: int, entry_delay: int | None = None) -> None:
    """In seconds, for every mode; without `entry_delay`, both are the same."""

    def of_modes(seconds: int) -> dict[str, int]:
        return dict.fromkeys(("home", "away", "night", "vacation"), seconds)

    entry = exit_delay if entry_delay is None else entry_delay
    delays = {"exit_delay": of_modes(exit_delay), "entry_delay": of_modes(entry)}
    answer = panel.ask("PATCH", "/api/settings/", delays)
    assert answer.status_code == 200, answer.text


@pytest.fixture
def long_delays(panel: Panel) -> None:
    """Time to look at a countdown."""
    set_delays(panel, 120)


@pytest.fixture
def short_delays(panel: Panel) -> None:
    set_delays(panel, 1)
