"""The page and the API are told apart."""

from __future__ import annotations

import pytest

from tests.support.panel import Panel


@pytest.mark.parametrize("path", ["/assets/nothing-0123abcd.js", "/assets/"])
def test_an_unknown_asset_is_not_found_in_any_mode(panel: Panel, path: str) -> None:
    assert panel.get(path).status_code == 404


def test_an_unknown_api_path_is_not_found_in_json(panel: Panel) -> None:
    answer = panel.get("/api/nothing/")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["code"] == "not_found"


def test_the_api_has_no_cors_header(panel: Panel) -> None:
    answer = panel.get("/api/alarm/state/", headers={"Origin": "http://elsewhere.example"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


MISSING = (
    *("/assets/nothing-0123abcd.js", "/assets/", "/nope.js", "/favicon.ico", "/wp-login.php"),
    *("/sensors/.git", "/metrics"),
)


@pytest.mark.parametrize("path", MISSING)
def test_an_unknown_file_is_not_found(panel: Panel, path: str) -> None:
    """And is not the page, with 200: monitors, crawlers and browsers would take it for the file."""
    assert panel.get(path).status_code == 404


KIOSK_FILES = {
    "/service-worker.js": ("text/javascript", "application/javascript"),
    "/manifest.webmanifest": ("application/manifest+json",),
    "/icons/maskable-512.png": ("image/png",),
}


@pytest.mark.parametrize("path", KIOSK_FILES)
def test_what_a_browser_installs_is_asked_for_again_each_time(panel: Panel, path: str) -> None:
    """An old service worker would go on after an upgrade."""
    answer = panel.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] in KIOSK_FILES[path]
    assert answer.headers["Cache-Control"] == "no-cache"


def test_robots_are_asked_to_stay_away(panel: Panel) -> None:
    answer = panel.get("/robots.txt")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert "Disallow: /" in answer.text


@pytest.mark.parametrize("path", ["/", "/api/health/live/", "/api/health/ready/", "/api/session/"])
def test_a_monitor_may_ask_with_HEAD(panel: Panel, path: str) -> None:
    answer = panel.http.head(panel.url + path, timeout=10)
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("size", [9_000, 30_000])
def test_cookies_of_other_applications_on_the_host_do_no_harm(panel: Panel, size: int) -> None:
    """Browsers send them to every port of a host."""
    cookies = {"Cookie": "; ".join(f"other{number}={'x' * 3000}" for number in range(size // 3000))}
    anonymous = panel.anonymous()
    for path in ("/", "/api/session/"):
        assert anonymous.get(path, headers=cookies).status_code == 200, path


def test_a_host_name_that_is_not_accepted_is_told_what_to_do(panel: Panel) -> None:
    answer = panel.get("/api/session/", headers={"Host": "panel.example.com"})
    assert answer.status_code == 400
    assert "ALARM_HOSTS=panel.example.com" in answer.json()["detail"]
    assert panel.get("/api/session/", headers={"Host": "nas:5427"}).status_code == 200
