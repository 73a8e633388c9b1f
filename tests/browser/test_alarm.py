"""Daily use of the alarm, in one browser and in two."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from stack.compose.project import Project
from tests.browser.look import examine, tab_to
from tests.browser.sensors import Sensor, added_door
from tests.support.panel import ADMIN, PIN, Panel

Visit = Callable[..., Page]


def state_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Alarm state")


def seconds_shown(page: Page) -> int:
    return int(page.locator(".countdown-seconds").inner_text())


@pytest.fixture
def garage_door(disarmed: Panel) -> Iterator[Sensor]:
    with added_door(disarmed, "Garage door") as sensor:
        yield sensor


def test_two_browsers_show_the_same_countdown(
    disarmed: Panel, visit: Visit, long_delays: None
) -> None:
    here, there = visit("/"), visit("/")
    expect(state_of(there)).to_contain_text("Disarmed")
    here.get_by_role("button", name="Arm away").click()
    for page in (here, there):
        expect(state_of(page)).to_contain_text("Arming away")
    shown = [seconds_shown(page) for page in (here, there)]
    assert abs(shown[0] - shown[1]) <= 1
    expect(there.locator(".countdown-seconds")).not_to_have_text(str(shown[1]))
    assert seconds_shown(there) < shown[1]


def test_arming_with_the_keyboard_alone_and_disarming_by_pin(
    disarmed: Panel, visit: Visit, short_delays: None
) -> None:
    page, other = visit("/"), visit("/")
    tab_to(page, page.get_by_role("button", name="Arm home"))
    page.keyboard.press("Enter")
    expect(state_of(page)).to_contain_text("Armed home")
    page.keyboard.type("0000")
    page.keyboard.press("Enter")
    controls = page.get_by_role("region", name="Disarm the alarm")
    expect(controls.get_by_role("alert")).to_have_text("This PIN is wrong.")
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    for each in (page, other):
        expect(state_of(each)).to_contain_text("Disarmed")


def test_a_sensor_starts_the_entry_delay_and_then_the_alarm(
    disarmed: Panel, visit: Visit, short_delays: None, garage_door: Sensor
) -> None:
    page = visit("/")
    page.get_by_role("button", name="Arm away").click()
    expect(state_of(page)).to_contain_text("Armed away")
    garage_door.report(True)
    expect(state_of(page)).to_contain_text("Alarm!")
    expect(state_of(page)).to_contain_text(garage_door.name)
    garage_door.report(False)
    for digit in PIN:
        page.get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Disarm", exact=True).click()
    expect(state_of(page)).to_contain_text("Disarmed")


def test_an_open_door_is_shown_before_arming_and_can_be_bypassed(
    disarmed: Panel, visit: Visit, short_delays: None, garage_door: Sensor
) -> None:
    page = visit("/")
    garage_door.report(True)
    expect(page.get_by_text("Garage door is open")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Arm away")).click()
    without = page.get_by_role("button", name="Arm away without it")
    expect(without).to_be_visible()
    assert examine(page, "panel-bypass", "phone") == []
    without.click()
    expect(state_of(page)).to_contain_text("Armed away")


def test_the_page_shows_that_it_is_offline_and_reconnects(
    disarmed: Panel, visit: Visit, project: Project
) -> None:
    page = visit("/")
    expect(state_of(page)).to_contain_text("Disarmed")
    app = project.containers()["app"]
    assert app.exec_run(["supervisorctl", "stop", "daphne:*"]).exit_code == 0
    try:
        expect(page.get_by_text("Offline – reconnecting")).to_be_visible()
        expect(state_of(page)).to_contain_text("Last known state")
        expect(page.get_by_role("button", name="Arm away")).to_be_disabled()
        assert examine(page, "panel-offline", "phone") == []
    finally:
        app.exec_run(["supervisorctl", "start", "daphne:*"])
    expect(page.get_by_text("Offline – reconnecting")).to_have_count(0, timeout=60_000)
    expect(page.get_by_role("button", name="Arm away")).to_be_enabled()
    disarmed.arm("home")
    expect(state_of(page)).to_contain_text(re.compile("Arming home|Armed home"))


def test_login_leads_back_and_logout_ends_the_session_in_every_tab(
    panel: Panel, visit: Visit
) -> None:
    page = visit("/events", person=None)
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("Username").fill(ADMIN["username"])
    page.get_by_label("Password").fill("not the right one")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).not_to_be_empty()
    page.get_by_label("Password").fill(ADMIN["password"])
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url("/events")

    other = page.context.new_page()
    other.goto("/")
    expect(state_of(other)).to_contain_text("Disarmed")
    page.goto("/settings")
    page.get_by_role("button", name="Log out", exact=True).click()
    for each in (page, other):
        expect(each).to_have_url(re.compile("/login"))
