"""The second factor on the settings page, with the codes that an authenticator app would show."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.look import examine
from tests.support.panel import Panel

Visit = Callable[..., Page]

MIA = {"username": "mia", "name": "Mia", "password": "a ladder and two cellars"}
VIEWS = ("phone", "desktop")


@pytest.fixture(scope="module")
def mia(panel: Panel) -> dict[str, str]:
    """Another admin: the other tests log in as the first one with the password alone."""
    panel.disarm()
    answer = panel.post("/api/people/", {**MIA, "role": "admin", "is_active": True})
    assert answer.status_code == 201, answer.text
    return MIA


def log_in_again(page: Page, person: dict[str, str]) -> None:
    """Log out on the settings page, and give name and password."""
    page.get_by_role("button", name="Log out", exact=True).click()
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("Username").fill(person["username"])
    page.get_by_label("Password").fill(person["password"])
    page.get_by_role("button", name="Log in").click()


def test_an_authenticator_app_is_added_used_and_removed(
    disarmed: Panel, visit: Visit, mia: dict[str, str]
) -> None:
    """Its pictures are .browser/totp-STEP-VIEW-THEME.png."""
    page = visit("/settings", person=mia)
    card = page.get_by_role("region", name="Authenticator app")
    dialog = page.get_by_role("dialog")

    card.get_by_role("button", name="Add an app").click()
    expect(dialog.get_by_role("img", name="QR code for the app")).to_be_visible()
    assert examine(page, "totp-add", *VIEWS) == []
    dialog.get_by_role("button", name="Copy the key").click()
    # The page selects what it copies.
    app = pyotp.TOTP(page.evaluate("getSelection().toString()"))
    dialog.get_by_label("The code that the app shows").fill("12345")
    dialog.get_by_role("button", name="Use it").click()
    expect(dialog.get_by_text("This code is wrong")).to_be_visible()
    dialog.get_by_label("The code that the app shows").fill(app.now())
    dialog.get_by_role("button", name="Use it").click()

    codes = dialog.get_by_role("group", name="Recovery codes")
    expect(codes).to_be_visible()
    assert examine(page, "totp-recovery", *VIEWS) == []
    recovery = codes.inner_text().split()
    assert len(recovery) == len(set(recovery)) == 10
    dialog.get_by_role("button", name="Done, I have saved them").click()
    expect(card).to_contain_text("10 recovery codes are left.")
    assert examine(page, "totp-on", *VIEWS) == []

    log_in_again(page, mia)
    code = page.get_by_label("Code of your authenticator app")
    expect(code).to_be_visible()
    assert examine(page, "totp-login", *VIEWS) == []
    # The code of now was used already; a phone's clock may be half a minute ahead.
    code.fill(app.at(int(time.time()) + app.interval))
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile("/$"))

    page.goto("/settings")
    log_in_again(page, mia)
    code.fill(recovery[0])
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile("/$"))

    page.goto("/settings")
    expect(card).to_contain_text("9 recovery codes are left.")
    card.get_by_role("button", name="Remove the app").click()
    sure = page.get_by_role("alertdialog")
    assert examine(page, "totp-remove", *VIEWS) == []
    sure.get_by_role("button", name="Remove the app").click()
    expect(card).to_contain_text("Not used.")
