"""The list of events, which may be long."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.support.panel import Panel

Visit = Callable[..., Page]


def test_a_long_list_has_only_the_rows_that_are_seen(disarmed: Panel, visit: Visit) -> None:
    page = visit("/events")
    rows = page.get_by_role("grid", name="Events").get_by_role("row")
    shown = page.get_by_role("status").filter(has_text="events shown")
    expect(rows.first).to_be_visible()
    for _ in range(3):
        before = shown.inner_text()
        page.get_by_role("button", name="Load more").click()
        expect(shown).not_to_have_text(before)
    total = int(re.sub(r"\D", "", shown.inner_text()))
    assert total >= 200
    assert rows.count() < 60
    page.evaluate("scrollTo(0, 0)")
    # Until the next frame, the first row in the document is still one of those near the end.
    expect(rows.first).to_have_attribute("aria-rowindex", "1")
    rows.first.focus()
    for _ in range(40):
        page.keyboard.press("ArrowDown")
    focused = page.locator("[role=row]:focus")
    expect(focused).to_be_in_viewport()
    assert int(focused.get_attribute("aria-rowindex") or 0) == 41
