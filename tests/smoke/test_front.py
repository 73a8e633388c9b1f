"""What Nginx does of itself, in a container beside the stack's: TLS, trusted proxies, limits."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from docker.models.containers import Container

from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.smoke import front as nginx_alone
from tests.smoke.panel import Panel

pytestmark = [pytest.mark.mode("prod"), pytest.mark.own_stack]

Start = Callable[..., tuple[Container, int]]


@pytest.fixture
def front(project: Project) -> Iterator[Start]:
    """Start Nginx alone: `front(files, NAME=value)` gives its container and its port."""
    image = project.containers()["app"].image
    with contextlib.ExitStack() as started:

        def start(files: dict[str, str] | None = None, **variables: str) -> tuple[Container, int]:
            return started.enter_context(
                nginx_alone.front(project.client, image, files, **variables)
            )

        yield start


def answer_of(url: str, **options: object) -> requests.Response:
    """The first answer to a GET while Nginx starts."""

    def get() -> requests.Response:
        return requests.get(url, timeout=5, allow_redirects=False, **options)  # type: ignore[arg-type]  # passed on

    return wait_until("Nginx to answer", get, seconds=20, ignoring=(requests.RequestException,))


def log_lines(container: Container) -> list[dict[str, object]]:
    """The access log's lines."""
    lines = container.logs().decode().splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


@pytest.fixture
def certificate(tmp_path: Path) -> dict[str, str]:
    return nginx_alone.certificate(tmp_path)


def test_with_a_certificate_the_port_speaks_https(
    front: Start, certificate: dict[str, str]
) -> None:
    _, port = front(certificate)
    page = answer_of(f"https://localhost:{port}/", verify=next(iter(certificate)))
    assert page.status_code == 200
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"

    plain = answer_of(f"http://localhost:{port}/events?kind=login")
    assert plain.status_code == 308
    assert plain.headers["Location"] == f"https://localhost:{port}/events?kind=login"


@pytest.mark.parametrize("old", ["1.0", "1.1"])
def test_outdated_tls_is_refused(front: Start, certificate: dict[str, str], old: str) -> None:
    _, port = front(certificate)
    answer_of(f"https://localhost:{port}/", verify=next(iter(certificate)))
    version = {"1.0": "-tls1", "1.1": "-tls1_1"}[old]
    talk = ["openssl", "s_client", version, "-cipher", "ALL@SECLEVEL=0"]
    spoken = subprocess.run(
        [*talk, "-connect", f"localhost:{port}"], input=b"", capture_output=True, timeout=20
    )
    assert spoken.returncode != 0
    assert b"alert protocol version" in spoken.stderr, spoken.stderr


def test_an_address_is_taken_from_a_trusted_proxy_only(front: Start) -> None:
    # The first is what the client says of itself; the second is what the proxy adds.
    claim = {"X-Forwarded-For": "198.51.100.9, 203.0.113.7"}
    home = "127.0.0.0/8, 10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
    for trusted, seen in ((home, "203.0.113.7"), ("192.0.2.1", None)):
        container, port = front(TRUSTED_PROXIES=trusted)
        answer_of(f"http://127.0.0.1:{port}/", headers=claim)  # was there: no line
        requests.get(f"http://127.0.0.1:{port}/assets/nothing.js", headers=claim, timeout=5)
        line = wait_until("a line", lambda c=container: log_lines(c)[-1:], seconds=10)[0]
        assert line["path"] == "/assets/nothing.js"
        assert line["client"] not in claim["X-Forwarded-For"] or line["client"] == seen, line
        assert (line["client"] == seen) == bool(seen), line


def test_a_wrong_proxy_is_told_and_nothing_starts(front: Start) -> None:
    container, _ = front(TRUSTED_PROXIES="my proxy; evil")
    assert container.wait(timeout=20)["StatusCode"] == 1
    told = container.logs().decode()
    assert "TRUSTED_PROXIES: 'my' is neither an address nor a network." in told


def test_guessing_is_slowed_down_and_others_are_not(front: Start) -> None:
    _, port = front()
    url = f"http://127.0.0.1:{port}"
    answer_of(url + "/")
    with requests.Session() as guesser:
        answers = [guesser.post(url + "/api/alarm/disarm/", timeout=5) for _ in range(40)]
        assert guesser.get(url + "/api/alarm/state/", timeout=5).status_code == 503
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 10
    assert refused[0].json()["code"] == "throttled"
    assert refused[0].headers["Retry-After"] == "1"
    for path in ("session/", "session/password/", "setup/"):  # the limit is one for all of them
        assert requests.post(f"{url}/api/{path}", timeout=5).status_code == 429, path
    # There is no server here, so what was let through found nobody.
    assert {answer.status_code for answer in answers} == {429, 503}


def test_a_request_has_one_number_in_the_answer_and_the_log(panel: Panel, project: Project) -> None:
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


def test_what_django_logs_of_a_request_has_its_number(panel: Panel, project: Project) -> None:
    """Of a change without the page's token, for one: that is worth a line in Django's log."""
    answer = requests.post(panel.url + "/api/docs/", timeout=10)
    assert answer.status_code == 403
    number = answer.headers["X-Request-ID"]
    app = project.containers()["app"]

    def programs() -> set[str]:
        lines = app.logs(tail=400).decode().splitlines()
        return {line.partition(" | ")[0].strip() for line in lines if number in line}

    wait_until("both logs to name it", lambda: programs() >= {"nginx", "daphne"}, seconds=15)
