"""A tab that was opened before an upgrade asks for parts of the page that are gone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.support.panel import Panel

Visit = Callable[..., Page]


@dataclass
class Upgrade:
    """While `is_before`, scripts name a file of the events' page as an older version did.

    Only the texts of the scripts differ. What the server answers to the old name is its own.
    """

    page: Page
    kind: str
    is_before: bool = True

    def __post_init__(self) -> None:
        self.new = re.compile(rf"\bEventsPage-[\w-]{{8}}\.{self.kind}\b")
        self.old = f"EventsPage-OldBuild.{self.kind}"
        self.loads = 0
        assert self.page.request.get(f"/assets/{self.old}").status == 404
        self.page.on("request", self._count)
        self.page.route("**/*.js", self._answer)

    def _count(self, request: Request) -> None:
        self.loads += request.is_navigation_request()

    def _answer(self, route: Route) -> None:
        if not self.is_before or route.request.url.endswith(self.old):
            route.continue_()
            return
        answer = route.fetch()
        route.fulfill(response=answer, body=self.new.sub(self.old, answer.text()))


@pytest.mark.parametrize("kind", ["js", "css"])
def test_a_tab_of_an_older_version_loads_the_new_one(panel: Panel, visit: Visit, kind: str) -> None:
    page = visit("/")
    upgrade = Upgrade(page, kind)
    page.reload()
    expect(page.get_by_role("region", name="Alarm state")).to_be_visible()
    upgrade.is_before = False
    page.get_by_role("navigation").get_by_role("link", name="Events").click()
    expect(page.get_by_role("heading", level=1, name="Events")).to_be_visible()
    expect(page.get_by_text("Loading…")).to_have_count(0)
    assert page.url.endswith("/events")
    assert upgrade.loads == 2


@pytest.mark.parametrize("kind", ["js", "css"])
def test_a_part_that_stays_away_reloads_the_page_only_once(
    panel: Panel, visit: Visit, kind: str
) -> None:
    page = visit("/")
    upgrade = Upgrade(page, kind)
    page.reload()
    expect(page.get_by_role("region", name="Alarm state")).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="Events").click()
    expect(page.get_by_text("A part of this page could not be loaded")).to_be_visible()
    assert upgrade.loads == 2
