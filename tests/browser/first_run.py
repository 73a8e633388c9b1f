"""The first run through the page, as a user does it on a new panel."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.look import examine
from tests.support.panel import ADMIN, PIN


def complete(page: Page, token: str) -> list[str]:
    """Create the first admin of a new panel; return the violations that axe finds."""
    page.goto("/sensors")
    expect(page).to_have_url("/setup")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    faults = examine(page, "setup")
    page.get_by_label("Setup token").fill(token)
    page.get_by_label("Your name").fill(ADMIN["name"])
    page.get_by_label("Username").fill(ADMIN["username"])
    page.get_by_label("Password").fill(ADMIN["password"])
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Set up the alarm").click()
    expect(page).to_have_url("/")
    expect(page.get_by_role("region", name="Alarm state")).to_contain_text("Disarmed")
    return faults
