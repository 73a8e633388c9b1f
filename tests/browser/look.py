"""Screenshots of a page in every size and theme, and the violations that axe finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, ViewportSize, expect

from stack.config.modes import ROOT

FOLDER = ROOT / ".browser"
"""Where the screenshots are kept, as PAGE-SIZE-THEME.png."""

SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 360, "height": 740},
    "tablet": {"width": 1280, "height": 800},
    "desktop": {"width": 1440, "height": 900},
}
PORTRAIT: ViewportSize = {"width": 800, "height": 1280}
"""A tablet that hangs upright; only what is made for the wall is looked at there."""

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

TOO_WIDE = """() => {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  const seen = [...document.body.querySelectorAll('*')];
  const wide = seen.filter((each) => each.getBoundingClientRect().right > innerWidth + 0.5);
  return ['the document', ...wide.map((each) => each.outerHTML.slice(0, 160))];
}"""

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def examine(page: Page, name: str, *sizes: str) -> list[str]:
    """Save screenshots of the page and return the violations that axe finds.

    In every size, or in these: dialogs look much the same in all of them. The dark theme, which
    changes colours only, is looked at in the first size.
    """
    FOLDER.mkdir(exist_ok=True)
    # A list that arrives while axe looks would move the page below its fixed bars.
    page.wait_for_load_state("networkidle")
    found = []
    looked_at = sizes or tuple(SIZES)
    for theme in THEMES:
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for size in looked_at if theme == "light" else looked_at[:1]:
            pixels = SIZES.get(size, PORTRAIT)
            page.set_viewport_size(pixels)
            keep(page, FOLDER / f"{name}-{size}-{theme}.png")
            # Fixed bars cover elements while the page scrolls; axe has to see those uncovered.
            height = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": pixels["width"], "height": height + 200})
            found += [f"{name}, {size}, {theme}: {fault}" for fault in violations(page)]
            found += [f"{name}, {size}: {element}" for element in wider_than_the_window(page)]
    return found


def tab_to(page: Page, element: Locator) -> None:
    """Press Tab until the element has the focus, as a user without a mouse does."""
    expect(element).to_be_enabled()
    for _ in range(60):
        if element.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {element}")


def keep(page: Page, path: Path) -> None:
    page.screenshot(path=path, animations="disabled", caret="initial")


def violations(page: Page) -> list[str]:
    """Each violated rule of axe with the elements that violate it."""
    results: dict[str, Any] = Axe().run(page, options=RULES).response
    assert results["passes"], "axe looked at nothing"
    return [
        f"{rule['id']} ({rule['help']}): {[node['html'][:160] for node in rule['nodes']]}"
        for rule in results["violations"]
    ]


def wider_than_the_window(page: Page) -> list[str]:
    """The elements that make the page wider than its window."""
    found: list[str] = page.evaluate(TOO_WIDE)
    return [f"wider than the window: {element}" for element in found]
