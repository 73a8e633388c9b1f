"""Every page in three sizes and two themes, without a violation of the accessibility rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from stack.compose.project import Project
from stack.deploy.containers import Containers
from tests.browser.conftest import RESIDENT, FirstRun
from tests.browser.look import examine, tab_to
from tests.support.panel import Panel

PAGES = {
    "panel": "/",
    "sensors": "/sensors",
    "events": "/events",
    "people": "/people",
    "alerts": "/alerts",
    "settings": "/settings",
}

Visit = Callable[..., Page]


def test_the_first_run_is_accessible_and_the_api_is_closed_before_it(
    first_run: FirstRun,
) -> None:
    assert first_run.faults == []
    assert set(first_run.requests_refused.values()) == {403}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible(disarmed: Panel, visit: Visit, name: str) -> None:
    page = visit(PAGES[name])
    errors: list[str] = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("Loading…")).to_have_count(0)
    assert examine(page, name) == []
    # The content security policy logs a refused style or script in the console.
    assert errors == []


def test_the_login_page_is_accessible(panel: Panel, visit: Visit) -> None:
    page = visit("/login", person=None)
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    assert examine(page, "login") == []


def test_each_state_is_accessible(disarmed: Panel, visit: Visit, long_delays: None) -> None:
    page = visit("/")
    disarmed.arm("night")
    expect(page.get_by_role("button", name="Cancel arming")).to_be_visible()
    assert examine(page, "panel-arming") == []


def test_an_alarm_is_accessible_and_visible_on_every_page(
    disarmed: Panel, visit: Visit, project: Project
) -> None:
    page = visit("/")
    assert Containers(project).in_app("python", "manage.py", "alarm", "trigger") == 0
    expect(page.get_by_role("region", name="Alarm state")).to_contain_text("Alarm!")
    assert examine(page, "panel-triggered") == []
    page.goto("/sensors")
    expect(page.get_by_role("region", name="Alarm", exact=True)).to_contain_text("Alarm!")
    assert examine(page, "sensors-triggered", "phone") == []


def test_the_pin_dialog_is_accessible(disarmed: Panel, visit: Visit) -> None:
    page = visit("/people")
    page.get_by_role("button", name="Add a code").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert examine(page, "people-code", "phone") == []


def test_a_sensor_is_added_with_the_keyboard_alone(disarmed: Panel, visit: Visit) -> None:
    page = visit("/sensors")
    add, dialog = page.get_by_role("button", name="Add a sensor"), page.get_by_role("dialog")
    tab_to(page, add)
    page.keyboard.press("Enter")
    expect(dialog).to_be_visible()
    assert examine(page, "sensors-form", "phone") == []
    tab_to(page, dialog.get_by_role("textbox", name="Name"))
    page.keyboard.type("Shed")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading", name="Token of Shed")).to_be_visible()
    assert examine(page, "sensors-token", "phone") == []
    tab_to(page, dialog.get_by_role("button", name="Done, I have saved it"))
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(add).to_be_focused()
    expect(page.get_by_role("listitem").filter(has_text="Shed")).to_be_visible()
    # Never heard, it would prevent arming.
    shed = next(one for one in disarmed.get("/api/sensors/").json() if one["name"] == "Shed")
    assert disarmed.ask("DELETE", f"/api/sensors/{shed['id']}/").status_code == 204


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
