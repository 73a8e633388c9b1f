"""The page at /__dev/."""

from __future__ import annotations

import re

import pytest

from stack.core.polling import wait_until
from tests.support.dev_page import PROGRAMS, programs, restart
from tests.support.site import Site

pytestmark = pytest.mark.mode("dev", "local")


def test_the_page_loads_its_own_files_only(site: Site) -> None:
    page = site.get("/__dev")
    assert page.url == f"{site.url}/__dev/"
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none';")
    parts = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    parts += re.findall(r"from '\./([^']+)'", site.get("/__dev/page.js").text)
    files = {part for part in parts if part != "data:,"}
    assert files == {"page.css", "page.js", "probes.js"}
    for file in files:
        answer = site.get(f"/__dev/{file}")
        assert answer.status_code == 200
        assert not re.search(r"https?://", answer.text)
        assert answer.headers["Cache-Control"] == "no-store"


def test_it_shows_the_state_and_log_of_each_process(site: Site) -> None:
    found = programs(site)
    assert {"daphne", "vite", "dev-page"} <= found.keys()
    wait_until(
        "every process to run",
        lambda: {p["state"] for p in programs(site).values()} == {"running"},
        seconds=30,
    )
    assert any("VITE" in line for line in found["vite"]["log"])


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://elsewhere.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"X-Dev-Page": ""},
        {"Host": "elsewhere.example", "Origin": "http://elsewhere.example"},
    ],
    ids=["foreign origin", "no page's", "no origin", "a plain form", "rebound name"],
)
def test_a_restart_from_elsewhere_is_refused(site: Site, headers: dict[str, str]) -> None:
    before = programs(site)["daphne"]["pid"]
    assert restart(site, "daphne", **headers).status_code == 403
    assert programs(site)["daphne"]["pid"] == before


def test_other_sites_cannot_read_it(site: Site) -> None:
    answer = site.get(PROGRAMS, headers={"Origin": "http://elsewhere.example"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
    assert site.get(PROGRAMS, headers={"Host": "elsewhere.example"}).status_code == 403
