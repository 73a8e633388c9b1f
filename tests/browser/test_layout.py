"""Nothing moves while a page loads, each control is for a thumb, and each language fits."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.look import SIZES, wider_than_the_window
from tests.browser.measure import MOST_SHIFT, OBSERVE_SHIFTS, shift, unreachable_controls
from tests.browser.test_pages import PAGES
from tests.support.panel import Panel

Visit = Callable[..., Page]

NARROW: ViewportSize = {"width": 320, "height": 640}
LANGUAGES = {"en": "Disarmed", "de": "Unscharf", "fr": "Désarmée", "es": "Desarmada"}
"""What the panel says, by the browser's language."""


def load(page: Page, path: str) -> None:
    """Open a page anew, and wait until it has everything."""
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_attached()
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_nothing_moves_while_a_page_loads(
    disarmed: Panel, visit: Visit, name: str, size: str
) -> None:
    page = visit("/login", viewport=SIZES[size])
    page.add_init_script(OBSERVE_SHIFTS)
    load(page, PAGES[name])
    total, each = shift(page)
    assert total <= MOST_SHIFT, each


@pytest.mark.parametrize("name", PAGES)
def test_each_control_is_for_a_thumb_and_not_under_the_bar(
    disarmed: Panel, visit: Visit, name: str
) -> None:
    page = visit(PAGES[name], viewport=SIZES["phone"], has_touch=True)
    load(page, PAGES[name])
    assert unreachable_controls(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_fits_in_each_language(disarmed: Panel, visit: Visit, language: str) -> None:
    page = visit("/", viewport=SIZES["phone"], locale=language)
    expect(page.get_by_role("region").first).to_contain_text(LANGUAGES[language])
    assert page.evaluate("document.documentElement.lang") == language
    for path in PAGES.values():
        load(page, path)
        assert wider_than_the_window(page) == [], path


def test_a_page_fits_while_it_connects(disarmed: Panel, visit: Visit) -> None:
    for language in LANGUAGES:
        page = visit("/login", viewport=SIZES["phone"], locale=language)
        page.route_web_socket("**/ws/alarm/", lambda socket: None)  # opens, and never says a word
        load(page, "/events")
        assert wider_than_the_window(page) == [], language


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_the_navigation_is_cut_on_a_narrow_phone(
    disarmed: Panel, visit: Visit, language: str
) -> None:
    page = visit("/", viewport=NARROW, locale=language)
    words = page.locator("nav li span")
    expect(words).to_have_count(6)
    cut = "all => all.filter((word) => word.scrollWidth > word.clientWidth).map((e) => e.innerText)"
    assert words.evaluate_all(cut) == []
    assert wider_than_the_window(page) == []


def test_only_the_chosen_language_is_loaded_and_the_choice_is_kept(
    panel: Panel, visit: Visit
) -> None:
    page = visit("/login", person=None, locale="de-AT")
    scripts: list[str] = []
    page.on("request", lambda request: scripts.append(request.url))
    page.reload()
    expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()
    loaded = {code for code in LANGUAGES for url in scripts if f"/assets/{code}-" in url}
    assert loaded == {"de"}
    page.get_by_role("button", name="Sprache").click()
    page.get_by_role("option", name="Français").click()
    expect(page.get_by_role("heading", name="Connexion")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Connexion")).to_be_visible()
