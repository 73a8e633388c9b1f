"""What sensors can be, and what the pages say of those that are open or in trouble."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.look import examine
from tests.browser.sensors import Sensor, added_door, added_sensor
from tests.support.panel import PIN, Panel

Visit = Callable[..., Page]


def choose(page: Page, field: str, choice: str) -> None:
    page.get_by_role("button", name=re.compile(f"^{field}|{field}$")).click()
    page.get_by_role("option", name=choice).click()


def remove(panel: Panel, name: str) -> dict[str, Any]:
    """Remove a sensor, which would prevent arming as it is never heard; return what it was."""
    sensor: dict[str, Any]
    sensor = next(one for one in panel.get("/api/sensors/").json() if one["name"] == name)
    assert panel.ask("DELETE", f"/api/sensors/{sensor['id']}/").status_code == 204
    return sensor


def test_the_form_follows_the_kind_and_the_reaction(disarmed: Panel, visit: Visit) -> None:
    page = visit("/sensors")
    page.get_by_role("button", name="Add a sensor").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name").fill("Cellar")
    modes = dialog.get_by_role("group", name="Watched when armed")
    final_door = dialog.get_by_role("switch", name="Final door")
    delay = dialog.get_by_label("Entry delay of its own")

    choose(page, "Kind", "Smoke")
    expect(dialog.get_by_text("in every state. Cannot be bypassed.")).to_be_visible()
    for field in (modes, final_door, delay):
        expect(field).to_have_count(0)
    choose(page, "Kind", "Door")
    choose(page, "Reaction", "Perimeter")
    expect(modes).to_be_visible()
    expect(delay).to_have_count(0)
    choose(page, "Reaction", "Entry and exit")
    delay.fill("45")
    modes.get_by_text("Home", exact=True).click()
    dialog.get_by_text("Final door", exact=True).click()
    dialog.get_by_text("Chime", exact=True).click()
    choose(page, "Supervision", "6 hours")
    assert examine(page, "sensors-fields", "phone") == []
    dialog.get_by_role("button", name="Add", exact=True).click()
    dialog.get_by_role("button", name="Done, I have saved it").click()

    row = page.get_by_role("listitem").filter(has_text="Cellar")
    expect(row).to_be_visible()
    facts = row.inner_text()
    cellar = remove(disarmed, "Cellar")
    assert "Entry and exit · Watched: Away, Night, Vacation · Final door · Chime" in facts
    assert (cellar["entry_delay"], cellar["heartbeat"]) == (45, 6 * 3600)


@pytest.fixture
def in_trouble(disarmed: Panel) -> Iterator[dict[str, Sensor]]:
    """Sensors, each with what is wrong with it as its name."""
    with ExitStack() as stack:
        found = {
            "no contact": added_door(disarmed, "Attic", heartbeat=1),
            "low battery": added_door(disarmed, "Balcony"),
            "tamper": added_door(disarmed, "Carport"),
            "environmental": added_sensor(disarmed, "Deep freeze", kind="cold"),
        }
        sensors = {name: stack.enter_context(sensor) for name, sensor in found.items()}
        sensors["low battery"].report(False, battery_low=True)
        sensors["tamper"].report(False, tamper=True)
        sensors["environmental"].report(True)
        yield sensors


def test_troubles_are_seen_and_prevent_arming_where_they_matter(
    in_trouble: dict[str, Sensor], visit: Visit, short_delays: None
) -> None:
    page = visit("/sensors")
    words = {
        "no contact": "No contact",
        "low battery": "Low battery",
        "tamper": "Tampered with",
        "environmental": "Not as it should be",
    }
    for name, shown in words.items():
        row = page.get_by_role("listitem").filter(has_text=in_trouble[name].name)
        expect(row).to_contain_text(shown)
    assert examine(page, "sensors-trouble", "phone", "desktop") == []

    page.goto("/")
    readiness = page.get_by_role("region", name="Sensors")
    for name, shown in words.items():
        row = readiness.get_by_role("listitem").filter(has_text=in_trouble[name].name)
        expect(row).to_contain_text(shown)
    assert examine(page, "panel-trouble", "phone", "desktop") == []
    page.get_by_role("button", name=re.compile("^Arm away")).click()
    without = page.get_by_role("group", name="Not ready to arm").get_by_role("listitem")
    expect(without).to_have_text(["Attic: no contact", "Carport: tampered with"])
    page.get_by_role("button", name="Arm away without them").click()
    expect(page.get_by_role("region", name="Alarm state")).to_contain_text("Armed away")


def test_an_open_door_is_left_out_on_the_tablet_with_a_pin(
    disarmed: Panel, visit: Visit, tablet: dict[str, str], short_delays: None
) -> None:
    kiosk = visit("/", person=tablet)
    with added_door(disarmed, "Shed door") as shed:
        shed.report(True)
        kiosk.get_by_role("button", name=re.compile("^Arm away")).click()
        kiosk.get_by_role("button", name="Arm away without it").click()
        expect(kiosk.get_by_role("region", name="Enter a PIN to arm away")).to_be_visible()
        assert examine(kiosk, "kiosk-pin", "tablet", "portrait") == []
        kiosk.keyboard.type(PIN)
        kiosk.keyboard.press("Enter")
        expect(kiosk.get_by_role("region", name="Alarm state")).to_contain_text("Armed away")


def test_an_alarm_that_has_ended_is_told_until_it_is_acknowledged(
    disarmed: Panel, visit: Visit, short_delays: None
) -> None:
    page, other = visit("/"), visit("/")
    state = page.get_by_role("region", name="Alarm state")
    past = [each.get_by_role("region", name="There was an alarm") for each in (page, other)]
    with added_door(disarmed, "Veranda", type="perimeter") as veranda:
        page.get_by_role("button", name="Arm away").click()
        expect(state).to_contain_text("Armed away")
        veranda.report(True)
        expect(state).to_contain_text("Alarm!")
        expect(state).to_contain_text("Veranda")
        expect(past[0]).to_have_count(0)
        veranda.report(False)
        disarmed.disarm()
        for card in past:
            expect(card).to_contain_text("Veranda")
        assert examine(page, "panel-memory", "phone", "desktop") == []
        past[0].get_by_role("button", name="Acknowledge").click()
        for card in past:
            expect(card).to_have_count(0)
    expect(state).to_contain_text("Disarmed")


def test_vacation_is_a_mode_and_less_needs_a_pin(
    disarmed: Panel, visit: Visit, short_delays: None
) -> None:
    page = visit("/")
    state = page.get_by_role("region", name="Alarm state")
    page.get_by_role("button", name="Arm vacation").click()
    expect(state).to_contain_text("Armed vacation")
    assert examine(page, "panel-vacation", "phone") == []
    others = page.get_by_role("group", name="Change the mode")
    others.get_by_role("button", name="Home").click()
    pad = page.get_by_role("region", name="Enter a PIN to arm home")
    expect(pad).to_be_visible()
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    expect(state).to_contain_text("Armed home")
