"""The page comes through the one port, whole."""

from __future__ import annotations

import pytest

from tests.smoke.panel import Panel, assets_of

TYPES = {
    ".js": "text/javascript",
    ".tsx": "text/javascript",
    "client": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
}


def test_the_page_and_every_asset_it_names_load_with_the_right_type(panel: Panel) -> None:
    page = panel.get("/")
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assets = assets_of(page.text)
    assert assets, page.text
    for path in assets:
        answer = panel.get(path)
        assert answer.status_code == 200, path
        wanted = next(kind for ending, kind in TYPES.items() if path.endswith(ending))
        assert answer.headers["Content-Type"].split(";")[0] in {wanted, "application/javascript"}
        assert answer.content


def test_an_unknown_page_path_gives_the_app(panel: Panel) -> None:
    page = panel.get("/events/today", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert 'id="root"' in page.text


@pytest.mark.parametrize("path", ["/assets/nothing-0123abcd.js", "/assets/"])
def test_an_unknown_asset_is_not_found(panel: Panel, path: str) -> None:
    assert panel.get(path).status_code == 404


def test_an_unknown_api_path_is_not_found_in_json(panel: Panel) -> None:
    answer = panel.get("/api/nothing/")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["code"] == "not_found"


def test_no_answer_has_a_cors_header(panel: Panel) -> None:
    for path in ("/", "/api/alarm/state/", assets_of(panel.get("/").text)[0]):
        answer = panel.get(path, headers={"Origin": "http://elsewhere.example"})
        cors = [name for name in answer.headers if name.lower().startswith("access-control-")]
        assert cors == [], path
