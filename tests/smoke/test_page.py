"""The page and its assets, through the one port."""

from __future__ import annotations

import pytest

from tests.support.site import Site, assets_of

SCRIPT = {"text/javascript", "application/javascript"}
TYPES = {
    ".js": SCRIPT,
    ".ts": SCRIPT,
    ".jsx": SCRIPT,
    ".tsx": SCRIPT,
    "client": SCRIPT,
    ".css": {"text/css"},
    ".svg": {"image/svg+xml"},
}


def test_the_page_and_its_assets_have_the_right_types(site: Site) -> None:
    page = site.page()
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assets = assets_of(page.text)
    assert assets, page.text
    for path in assets:
        answer = site.get(path)
        assert answer.status_code == 200, path
        ending = next((ending for ending in TYPES if path.endswith(ending)), "")
        found = answer.headers["Content-Type"].split(";")[0]
        assert found in TYPES.get(ending, {found}), path
        assert answer.content


def test_an_unknown_page_path_returns_the_page(site: Site) -> None:
    page = site.get("/events/today", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert assets_of(page.text) == assets_of(site.page().text)


@pytest.mark.mode("prod")  # Vite alone answers with the page
@pytest.mark.parametrize("path", ["/assets/nothing-0123abcd.js", "/assets/"])
def test_an_unknown_asset_is_not_found(site: Site, path: str) -> None:
    assert site.get(path).status_code == 404


def test_no_answer_has_a_cors_header(site: Site) -> None:
    for path in ("/", assets_of(site.page().text)[0]):
        answer = site.get(path, headers={"Origin": "http://elsewhere.example"})
        cors = [name for name in answer.headers if name.lower().startswith("access-control-")]
        assert cors == [], path
