"""What is measured on a page in Chromium: shifts of its layout, and controls for a thumb."""

from __future__ import annotations

from playwright.sync_api import Page

LEAST_PX = 44
"""Of a control, in both directions: https://www.w3.org/WAI/WCAG21/Understanding/target-size.html"""

MOST_SHIFT = 0.1
"""Of all of a page's loading; more is felt: https://web.dev/articles/cls"""

OBSERVE_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    const nameOf = ({ node }) => node?.className || node?.nodeName || 'removed';
    const moved = entry.sources.map(nameOf);
    window.shifts.push({ value: entry.value, moved });
  }
}).observe({ type: 'layout-shift', buffered: true });
"""
"""A script for `add_init_script`."""

# Of an input that is hidden in its label, the label is what is touched.
CONTROLS = """
(least) => {
  const touched = (element) => element.closest('label') ?? element;
  const all = document.querySelectorAll('button, a[href], input:not([type=hidden]), [role=button]');
  const seen = [...new Set([...all].map(touched))].filter((element) => {
    const { width, height } = element.getBoundingClientRect();
    const isShown = element.checkVisibility({ visibilityProperty: true });
    return isShown && width > 1 && height > 1 && !element.closest('.visually-hidden, .skip');
  });
  const wordsOf = (element) => element.textContent.trim() || element.ariaLabel;
  const nameOf = (element) => `${element.tagName}.${element.className} “${wordsOf(element)}”`;
  const found = [];
  for (const element of seen) {
    element.scrollIntoView({ block: 'nearest' });
    const { left, top, width, height } = element.getBoundingClientRect();
    if (Math.round(width) < least || Math.round(height) < least) {
      found.push(`${nameOf(element)} is ${Math.round(width)} × ${Math.round(height)} px`);
    }
    const over = document.elementFromPoint(left + width / 2, top + height / 2);
    if (over && over !== element && !element.contains(over) && !over.contains(element)) {
      found.push(`${nameOf(element)} is under ${nameOf(over).slice(0, 60)}`);
    }
  }
  return [seen.length, found];
}
"""


def shift(page: Page) -> tuple[float, list[str]]:
    """The sum of all shifts since the page was opened, and each with what moved."""
    shifts = page.evaluate("window.shifts")
    return sum(each["value"] for each in shifts), [
        f"{each['value']:.3f}: {', '.join(map(str, each['moved']))[:200]}" for each in shifts
    ]


def unreachable_controls(page: Page) -> list[str]:
    """Each control that is too small for a thumb, or that lies under something when scrolled to."""
    seen, found = page.evaluate(CONTROLS, LEAST_PX)
    assert seen, "no control was found"
    return list(found)
