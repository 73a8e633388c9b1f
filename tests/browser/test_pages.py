"""Every page in three sizes and two themes, without a violation of the accessibility rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import RESIDENT, FirstRun
from tests.browser.look import examine
from tests.smoke.panel import Panel

PAGES = {
    "panel": "/",
    "sensors": "/sensors",
    "events": "/events",
    "people": "/people",
    "settings": "/settings",
}

Visit = Callable[..., Page]


def test_the_first_run_has_no_barrier_and_nothing_else_answers_before_it(
    first_run: FirstRun,
) -> None:
    assert first_run.faults == []
    assert set(first_run.requests_refused.values()) == {403}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_barrier(disarmed: Panel, visit: Visit, name: str) -> None:
    page = visit(PAGES[name])
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Loading…")).to_have_count(0)
    assert examine(page, name) == []
    # A refused style or script (the content security policy) is an error in the console too.
    assert errors == []


def test_the_login_page_has_no_barrier(panel: Panel, visit: Visit) -> None:
    page = visit("/login", person=None)
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    assert examine(page, "login") == []


def test_states_have_no_barrier(disarmed: Panel, visit: Visit, long_delays: None) -> None:
    page = visit("/")
    disarmed.arm("night")
    expect(page.get_by_role("button", name="Cancel arming")).to_be_visible()
    assert examine(page, "panel-arming") == []


def test_a_resident_sees_no_page_of_administrators(panel: Panel, visit: Visit) -> None:
    page = visit("/", person=RESIDENT)
    navigation = page.get_by_role("navigation")
    expect(navigation.get_by_role("link", name="Sensors")).to_be_visible()
    expect(navigation.get_by_role("link", name="People")).to_have_count(0)
    page.goto("/people")
    expect(page.get_by_text("Only an administrator can see this page.")).to_be_visible()


def test_an_unknown_address_leads_back(panel: Panel, visit: Visit) -> None:
    page = visit("/nowhere")
    expect(page.get_by_text("There is no page at this address.")).to_be_visible()
    page.get_by_role("link", name="Go to the panel").click()
    expect(page).to_have_url("/")
