"""A production stack of the tests' own, and Chromium in front of it.

What the pages look like is kept in .browser/, beside what a failed test saw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from docker import DockerClient
from playwright.sync_api import Browser, BrowserContext, Page, expect

from stack.compose.exec import in_app
from stack.compose.project import Project
from stack.config.modes import PROD
from stack.core.console import Failure
from stack.core.polling import wait_until
from stack.engine import docker_engine
from tests.browser import chromium
from tests.browser import first_run as first_run_through_the_page
from tests.smoke.own_stack import of_session
from tests.smoke.panel import ADMIN, Panel

PATIENCE_MS = 15_000
"""How long a page may take to show something; CI machines are slow."""

RESIDENT = {"username": "lee", "name": "Lee", "password": "a window and four doors"}


@pytest.fixture(scope="session")
def client() -> DockerClient:
    return docker_engine.connect()


@pytest.fixture(scope="session")
def project(request: pytest.FixtureRequest) -> Iterator[Project]:
    try:
        with of_session(request, PROD) as own:
            yield own.project
    except Failure as failure:
        pytest.exit(str(failure), returncode=1)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Found after the command line has been read, so that `--headed` and the like still count."""
    path = chromium.executable()
    own = {"args": chromium.arguments(), **({"executable_path": path} if path else {})}
    return {**browser_type_launch_args, **own}


@pytest.fixture(scope="session")
def base_url(project: Project) -> str:
    """Paths like `/events` are the panel's."""
    return project.url


@pytest.fixture(scope="session", autouse=True)
def patience() -> None:
    expect.set_options(timeout=PATIENCE_MS)


@dataclass(frozen=True)
class FirstRun:
    """What the first run, which happens once, has shown."""

    requests_refused: dict[str, int]
    """Status codes that a stranger got before it, by path."""
    faults: list[str]
    """What axe found on its page."""


@pytest.fixture(scope="session")
def first_run(browser: Browser, browser_context_args: dict[str, Any], project: Project) -> FirstRun:
    """The house's first admin, made through the page; then sensors, people and a past."""
    stranger = Panel(project.url)
    refused = {path: stranger.get(path).status_code for path in ("/api/events/", "/api/sensors/")}
    context = browser.new_context(**browser_context_args)
    context.set_default_timeout(PATIENCE_MS)
    done = FirstRun(refused, first_run_through_the_page.complete(context.new_page()))
    context.close()
    assert in_app(project, "python", "manage.py", "seed", "--force") == 0
    return done


@pytest.fixture(scope="session")
def panel(project: Project, first_run: FirstRun) -> Panel:
    """The panel over HTTP, logged in, to bring about what the pages are to show."""
    panel = Panel(project.url)
    assert panel.post("/api/session/", ADMIN).status_code == 200
    answer = panel.post("/api/people/", {**RESIDENT, "role": "resident", "is_active": True})
    assert answer.status_code == 201, answer.text
    return panel


@pytest.fixture
def visit(
    browser: Browser, browser_context_args: dict[str, Any], panel: Panel
) -> Iterator[Callable[..., Page]]:
    """Open a page in a browser of its own, logged in as somebody or as nobody.

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
        context.close()


def session_cookies(panel: Panel, person: dict[str, str]) -> list[Any]:
    """The cookies of a new session."""
    visitor = panel.stranger()
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


def set_delays(panel: Panel, seconds: int) -> None:
    answer = panel.http.patch(
        panel.url + "/api/settings/",
        json={"exit_delay": seconds, "entry_delay": seconds},
        headers=panel.csrf(),
        timeout=10,
    )
    assert answer.status_code == 200, answer.text


@pytest.fixture
def long_delays(panel: Panel) -> None:
    """Time to look at a countdown."""
    set_delays(panel, 120)


@pytest.fixture
def short_delays(panel: Panel) -> None:
    set_delays(panel, 1)
