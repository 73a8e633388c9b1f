"""Nginx alone, with what backend/app.toml and the Vite configuration of another app can say."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from docker.models.containers import Container

from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.support import reverse_proxy
from tests.support.containers import image_of

pytestmark = pytest.mark.mode("prod")

DJANGO = """
import json, http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"path": self.path, "upgrade": self.headers.get("Upgrade")}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Handler).serve_forever()
"""
"""In place of Daphne: it says what reaches it."""

MANAGE = 'import os; os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")'
SOCKET = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}

Start = Callable[..., tuple[Container, str]]


@pytest.fixture
def start(project: Project, tmp_path: Path) -> Iterator[Start]:
    """`start(app_toml, proxied)` gives Nginx's container and its URL."""
    with contextlib.ExitStack() as started:

        def begin(stated: str, proxied: str = "") -> tuple[Container, str]:
            texts = {
                "/app/backend/manage.py": MANAGE,
                "/app/backend/app.toml": stated,
                "/app/frontend/proxied": proxied,
            }
            for path, text in texts.items():
                (tmp_path / path.replace("/", "_")).write_text(text)
            container, port = started.enter_context(
                reverse_proxy.reverse_proxy(
                    project.client,
                    image_of(project.containers()["app"]),
                    {str(tmp_path / path.replace("/", "_")): path for path in texts},
                    ASGI_APPLICATION="shop.asgi:application",
                    DJANGO_SETTINGS_MODULE="shop.settings",
                    ALARM_HOSTS="not_a name/at:all",
                )
            )
            url = f"http://127.0.0.1:{port}"
            container.exec_run(["python3", "-c", DJANGO], detach=True)

            def answers() -> bool:
                return requests.get(f"{url}/api/", timeout=5).status_code == 200

            errors = (requests.RequestException,)
            wait_until("Nginx and what is behind it", answers, seconds=60, ignoring=errors)
            return container, url

        yield begin


def reached(url: str, **headers: str) -> dict[str, Any] | None:
    """What Django got; None where Nginx itself answers."""
    answer = requests.get(url, timeout=10, headers=headers)
    return dict(answer.json()) if "json" in answer.headers["Content-Type"] else None


def test_prefixes_are_whole_segments_of_a_path(start: Start) -> None:
    _, url = start('prefixes = ["/health", "/accounts/", "/v1.0/"]')
    for path in ("/health", "/health/live", "/accounts", "/accounts/login/", "/v1.0/items"):
        assert reached(url + path) == {"path": path, "upgrade": None}, path
    for path in ("/", "/healthy-food", "/accountsx", "/admin-guide"):
        assert reached(url + path) is None, path


def test_the_vite_configurations_keys_are_prefixes_as_in_vite(start: Start) -> None:
    container, url = start(
        'prefixes = ["/accounts/"]', "/accounts\n/api ws\n/assets\n/graph ws\n/legacy/\n/a{2}\n"
    )
    for path in ("/graphql", "/legacy/", "/legacy", "/accounts/"):
        assert reached(url + path) == {"path": path, "upgrade": None}, path
    assert reached(f"{url}/legacyx") is None
    for path in ("/graph/1", "/api/live/"):
        assert reached(url + path, **SOCKET) == {"path": path, "upgrade": "websocket"}
    said = container.logs().decode()
    assert "server.proxy '/assets' is not passed to Django in production" in said
    assert "server.proxy '/a{2}' is not passed to Django in production" in said
    assert "ALARM_HOSTS: 'not_a' cannot be a host name" in said


def test_websockets_are_taken_below_ws_and_the_apps_own_prefixes(start: Start) -> None:
    _, url = start('prefixes = ["/live", "/api/rooms/"]')
    for path in ("/ws/a", "/live", "/live/1", "/api/rooms/1"):
        assert reached(url + path, **SOCKET) == {"path": path, "upgrade": "websocket"}, path
    for path in ("/api/items/", "/admin/"):
        assert reached(url + path, **SOCKET) == {"path": path, "upgrade": None}, path


def test_the_apps_headers_replace_the_strict_ones(start: Start) -> None:
    policy = 'camera=(self "https://a.example"), geolocation=*'
    _, url = start(f"""
content-security-policy = 'default-src "x"; img-src *'
[headers]
Permissions-Policy = '{policy}'
Cross-Origin-Opener-Policy = "same-origin-allow-popups"
Cross-Origin-Embedder-Policy = "require-corp"
X-Frame-Options = ""
""")
    for path, framing in (("/", None), ("/api/", "DENY")):
        headers = requests.get(url + path, timeout=10).headers
        assert headers["Permissions-Policy"] == policy
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"
        assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers.get("X-Frame-Options") == framing, "Django's own, if it sends one"
    found = requests.get(url, timeout=10).headers["Content-Security-Policy"]
    assert found.startswith('default-src "x"; img-src *; frame-ancestors')


@pytest.mark.parametrize(
    ("health", "quiet", "logged"),
    [
        ("/healthz", ("/healthz",), "/healthz/x"),
        ("/ops/health/ready/", ("/ops/health/ready/", "/ops/health/live/"), "/ops/x"),
    ],
)
def test_health_requests_are_not_logged(
    start: Start, health: str, quiet: tuple[str, ...], logged: str
) -> None:
    container, url = start(f'health = "{health}"\nprefixes = ["/healthz", "/ops/"]')
    for path in (*quiet, logged):
        assert reached(url + path)

    def paths() -> list[str]:
        lines = container.logs().decode().splitlines()
        return [json.loads(line)["path"] for line in lines if line.startswith("{")]

    wait_until("the line of the last one", lambda: logged in paths(), seconds=20)
    assert not set(quiet) & set(paths())
