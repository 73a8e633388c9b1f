"""The first run as a person does it: an empty house, a browser, and the page that leads through."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.look import examine
from tests.smoke.panel import ADMIN, PIN


def complete(page: Page) -> list[str]:
    """Open the panel of a new house and become its first admin; return what axe finds."""
    page.goto("/sensors")
    expect(page).to_have_url("/setup")
    expect(page.get_by_role("heading", name="Welcome")).to_be_visible()
    faults = examine(page, "setup")
    page.get_by_label("Your name").fill(ADMIN["name"])
    page.get_by_label("Username").fill(ADMIN["username"])
    page.get_by_label("Password").fill(ADMIN["password"])
    page.get_by_label("PIN").fill(PIN)
    page.get_by_role("button", name="Set up the alarm").click()
    expect(page).to_have_url("/")
    expect(page.get_by_role("region", name="Alarm state")).to_contain_text("Disarmed")
    return faults
