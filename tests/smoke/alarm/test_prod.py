"""Production of the alarm: its policy, its limits, its checks."""

from __future__ import annotations

import pytest

from stack.compose.project import Project
from stack.deploy.containers import Containers
from tests.support.containers import output_of
from tests.support.panel import Panel
from tests.support.site import assets_of

pytestmark = pytest.mark.mode("prod")

PAGE_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)


def test_the_page_has_one_policy(panel: Panel) -> None:
    for path in ("/", *assets_of(panel.get("/").text), "/assets/nothing"):
        policy = panel.get(path).raw.headers.getlist("Content-Security-Policy")
        assert policy == [PAGE_POLICY], path


def test_there_are_no_source_maps(panel: Panel) -> None:
    for path in assets_of(panel.get("/").text):
        if not path.startswith("/assets/"):
            continue
        assert "sourceMappingURL" not in panel.get(path).text
        assert panel.get(path + ".map").status_code == 404


def test_a_request_that_is_too_large_is_refused_in_json(panel: Panel) -> None:
    url = panel.url + "/api/alarm/arm/"
    answer = panel.anonymous().http.post(url, data=b"x" * 2**21, timeout=10)
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"


def test_a_redirect_keeps_the_port(panel: Panel) -> None:
    answer = panel.get("/api", allow_redirects=False)
    assert answer.status_code == 200 or answer.headers["Location"] == "/api/"


def test_djangos_own_deployment_check_is_clean(project: Project) -> None:
    check = ("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert Containers(project).in_app(*check) == 0


def test_sockets_are_spread_over_the_servers(panel: Panel, project: Project) -> None:
    app = project.containers()["app"]
    count = "import pathlib\n"
    count += (
        "rows = [r.split() for r in pathlib.Path('/proc/net/tcp').read_text().splitlines()[1:]]\n"
    )
    count += "ports = [int(r[1].split(':')[1], 16) for r in rows if r[3] == '01']\n"
    count += "print(*(ports.count(port) for port in (8000, 8100, 8101)))"

    def connections() -> list[int]:
        return [int(number) for number in output_of(app, "python3", "-c", count).split()]

    before = connections()
    sockets = [panel.socket() for _ in range(20)]
    for held in sockets:
        held.wait_for("snapshot")
    shared, *own = [now - then for now, then in zip(connections(), before, strict=True)]
    for held in sockets:
        held.connection.close()
    assert shared == 0
    assert all(number >= 5 for number in own), own


@pytest.mark.parametrize(("path", "kind"), [("/", "text/plain"), ("/api/session/", "json")])
def test_too_many_cookies_are_answered_with_words_about_them(
    panel: Panel, path: str, kind: str
) -> None:
    cookies = {"Cookie": f"other={'x' * 70_000}"}
    answer = panel.anonymous().get(path, headers=cookies)
    assert answer.status_code == 431
    assert kind in answer.headers["Content-Type"]
    assert "cookies" in answer.text
