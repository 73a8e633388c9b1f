"""Nginx alone, in a container beside the stack's: TLS, trusted proxies, limits."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from docker.models.containers import Container

from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.support import reverse_proxy
from tests.support.containers import image_of
from tests.support.panel import Panel

pytestmark = pytest.mark.mode("prod")

Start = Callable[..., tuple[Container, int]]


@pytest.fixture
def start_nginx(project: Project) -> Iterator[Start]:
    """Start Nginx alone: `start_nginx(files, NAME=value)` gives its container and its port."""
    image = image_of(project.containers()["app"])
    with contextlib.ExitStack() as started:

        def start(files: dict[str, str] | None = None, **variables: str) -> tuple[Container, int]:
            return started.enter_context(
                reverse_proxy.reverse_proxy(project.client, image, files, **variables)
            )

        yield start


def answer_of(
    url: str, verify: str | None = None, headers: dict[str, str] | None = None
) -> requests.Response:
    """The first answer to a GET while Nginx starts."""

    def get() -> requests.Response:
        return requests.get(url, timeout=5, allow_redirects=False, verify=verify, headers=headers)

    return wait_until("Nginx to answer", get, seconds=20, ignoring=(requests.RequestException,))


def log_lines(container: Container) -> list[dict[str, Any]]:
    """The access log's lines."""
    lines = container.logs().decode().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


@pytest.fixture
def certificate(tmp_path: Path) -> dict[str, str]:
    return reverse_proxy.certificate(tmp_path)


def test_with_a_certificate_the_port_serves_https(
    start_nginx: Start, certificate: dict[str, str]
) -> None:
    _, port = start_nginx(certificate)
    page = answer_of(f"https://localhost:{port}/", verify=next(iter(certificate)))
    assert page.status_code == 200
    assert "Strict-Transport-Security" not in page.headers

    plain = answer_of(f"http://localhost:{port}/events?kind=login")
    assert (plain.status_code, plain.headers["Cache-Control"]) == (307, "no-store")
    assert plain.headers["Location"] == f"https://localhost:{port}/events?kind=login"


def test_who_may_frame_the_panel_and_how_long_https_is_required_are_settings(
    start_nginx: Start,
) -> None:
    chosen = {"ALARM_FRAME_ANCESTORS": "https://ha.lan:8123, http://ha.lan", "ALARM_HTTPS": "true"}
    _, port = start_nginx(**chosen, ALARM_HSTS_SECONDS="3600")
    headers = answer_of(f"http://127.0.0.1:{port}/").headers
    policy = headers["Content-Security-Policy"]
    assert policy.endswith("; frame-ancestors 'self' https://ha.lan:8123 http://ha.lan")
    assert "X-Frame-Options" not in headers
    assert headers["Strict-Transport-Security"] == "max-age=3600"


WRONG = {
    "ALARM_FRAME_ANCESTORS": ("https://x; script-src *", "*", "https://ha.lan/path", "ha.lan"),
    "ALARM_HSTS_SECONDS": ("1y", "-1", "1; includeSubDomains"),
}


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, values in WRONG.items() for v in values])
def test_a_wrong_header_setting_stops_the_start(start_nginx: Start, name: str, value: str) -> None:
    container, _ = start_nginx(**{name: value})
    assert container.wait(timeout=20)["StatusCode"] == 1
    assert f"{name}: '" in container.logs().decode()


@pytest.mark.parametrize("old", ["1.0", "1.1"])
def test_outdated_tls_is_refused(start_nginx: Start, certificate: dict[str, str], old: str) -> None:
    _, port = start_nginx(certificate)
    answer_of(f"https://localhost:{port}/", verify=next(iter(certificate)))
    version = {"1.0": "-tls1", "1.1": "-tls1_1"}[old]
    talk = ["openssl", "s_client", version, "-cipher", "ALL@SECLEVEL=0"]
    spoken = subprocess.run(
        [*talk, "-connect", f"localhost:{port}"], input=b"", capture_output=True, timeout=20
    )
    assert spoken.returncode != 0
    assert b"alert protocol version" in spoken.stderr, spoken.stderr


def test_the_client_address_is_accepted_from_a_trusted_proxy_only(start_nginx: Start) -> None:
    # The client sends the first address; the proxy appends the second.
    claim = {"X-Forwarded-For": "198.51.100.9, 203.0.113.7"}
    home = "127.0.0.0/8, 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
    for trusted, seen in ((home, "203.0.113.7"), ("192.0.2.1", None)):
        container, port = start_nginx(TRUSTED_PROXIES=trusted)
        answer_of(f"http://127.0.0.1:{port}/", headers=claim)  # an existing file is not logged
        requests.get(f"http://127.0.0.1:{port}/assets/nothing.js", headers=claim, timeout=5)
        line = wait_until("a line", partial(log_lines, container), seconds=10)[-1]
        assert line["path"] == "/assets/nothing.js"
        assert line["client"] not in claim["X-Forwarded-For"] or line["client"] == seen, line
        assert (line["client"] == seen) == bool(seen), line


def test_a_wrong_proxy_setting_stops_the_start(start_nginx: Start) -> None:
    container, _ = start_nginx(TRUSTED_PROXIES="my proxy; evil")
    assert container.wait(timeout=20)["StatusCode"] == 1
    output = container.logs().decode()
    assert "TRUSTED_PROXIES: 'my' is neither an address nor a network." in output


def test_login_attempts_are_limited_and_other_paths_are_not(start_nginx: Start) -> None:
    _, port = start_nginx()
    url = f"http://127.0.0.1:{port}"
    answer_of(url + "/")
    with requests.Session() as guesser:
        answers = [guesser.post(url + "/api/alarm/disarm/", timeout=5) for _ in range(100)]
        assert guesser.get(url + "/api/alarm/state/", timeout=5).status_code == 503
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused, answers
    assert refused[0].json()["code"] == "throttled"
    assert refused[0].headers["Retry-After"] == "1"
    # All paths share one limit. On a busy machine it can have room for a few requests again.
    for path in ("session/", "session/password/", "setup/"):
        again = [requests.post(f"{url}/api/{path}", timeout=5).status_code for _ in range(15)]
        assert 429 in again, path
    # No Daphne runs here, so a request that passes the limit gets 503.
    assert {answer.status_code for answer in answers} == {429, 503}


@pytest.mark.parametrize(
    ("largest", "said"),
    [
        ("900g", "Requests of up to 900g need 3686400m in /tmp, which has "),
        ("25 MB", "backend/app.toml: largest-request is '25 MB', which is not a size."),
    ],
)
def test_uploads_for_which_there_is_no_room_are_refused(
    start_nginx: Start, largest: str, said: str
) -> None:
    container, _ = start_nginx(LARGEST_REQUEST=largest)
    assert container.wait(timeout=60)["StatusCode"] == 1
    what, remedy = container.logs().decode().splitlines()
    assert what.startswith(said)
    assert "then: inv prod" in remedy


def test_other_hosts_are_refused_where_the_app_does_not_check_them(start_nginx: Start) -> None:
    hosts = {"ALARM_HOSTS": "Panel.example, .Test.Example", "APP_HOSTS": "app.example .own.example"}
    _, port = start_nginx(CHECKS_HOSTS="false", **hosts)
    url = f"http://127.0.0.1:{port}"
    answer_of(url + "/")

    def status(host: str) -> int:
        return requests.get(f"{url}/api/", headers={"Host": host}, timeout=5).status_code

    # No Daphne runs here, so a request that is not refused gets 503.
    for host in (
        "127.0.0.1",
        f"[::1]:{port}",
        "nas",
        "panel.lan",
        "app.example",
        "a.own.example",
        "panel.example",
        "A.test.example",
    ):
        assert status(host) == 503, host
    for host in (
        "evil.example",
        "panel.example.evil.example",
        "test.example",
        "evil-panel.example",
    ):
        assert status(host) == 403, host


def test_the_request_id_is_in_the_answer_and_the_log(panel: Panel, project: Project) -> None:
    number = panel.get("/api/alarm/state/").headers["X-Request-ID"]
    app = project.containers()["app"]

    def line() -> dict[str, object] | None:
        for text in app.logs(tail=200).decode().splitlines():
            program, _, rest = text.partition(" | ")
            if program.strip() == "nginx" and number in rest:
                return dict(json.loads(rest))
        return None

    logged = wait_until("the access log's line", line, seconds=15)
    assert (logged["path"], logged["status"]) == ("/api/alarm/state/", 200)


def test_djangos_log_has_the_request_id(panel: Panel, project: Project) -> None:
    """Django logs a change without the CSRF token, for example."""
    answer = requests.post(panel.url + "/api/docs/", timeout=10)
    assert answer.status_code == 403
    number = answer.headers["X-Request-ID"]
    app = project.containers()["app"]

    def programs() -> set[str]:
        lines = app.logs(tail=400).decode().splitlines()
        return {line.partition(" | ")[0].strip() for line in lines if number in line}

    wait_until("both logs to name it", lambda: programs() >= {"nginx", "daphne"}, seconds=15)
