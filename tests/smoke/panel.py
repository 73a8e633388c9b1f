"""The panel as a browser uses it: HTTP and WebSocket through its one port."""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import websocket

from stack.waiting import wait_until

SECONDS = 10.0
"""How long one answer may take before a test fails."""


@dataclass
class Socket:
    """A WebSocket to the panel that reads JSON messages."""

    connection: websocket.WebSocket

    def next_message(self, seconds: float = SECONDS) -> dict[str, Any]:
        """The next message; WebSocketTimeoutException after `seconds`."""
        self.connection.settimeout(seconds)
        message: dict[str, Any] = json.loads(self.connection.recv())
        return message

    def wait_for_state(self, *wanted: str, seconds: float = SECONDS) -> dict[str, Any]:
        """Read messages until one tells a state in `wanted`, and return it."""
        limit = time.monotonic() + seconds
        seen = []
        while time.monotonic() < limit:
            message = self.next_message(max(0.1, limit - time.monotonic()))
            if message["type"] == "state" and message["state"] in wanted:
                return message
            seen.append(message)
        raise AssertionError(f"no state {wanted} within {seconds:g} s; seen: {seen}")

    def is_closed_by_server(self) -> bool:
        """Whether the connection ends, after what is still to be read."""
        try:
            for _ in range(20):
                self.next_message()
        except (websocket.WebSocketConnectionClosedException, ConnectionError):
            return True
        return False

    def send(self, message: dict[str, Any]) -> None:
        self.connection.send(json.dumps(message))


@dataclass
class Panel:
    """One running stack, seen from outside."""

    url: str
    pin: str
    http: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.http.get(self.url + path, timeout=SECONDS, **options)

    def post(self, path: str, body: dict[str, Any]) -> requests.Response:
        return self.http.post(self.url + path, json=body, timeout=SECONDS)

    def arm(self, mode: str) -> requests.Response:
        return self.post("/api/alarm/arm/", {"mode": mode})

    def disarm(self) -> None:
        """Come back to `disarmed`, from whichever state."""
        if self.state() != "disarmed":
            answer = self.post("/api/alarm/disarm/", {"pin": self.pin})
            assert answer.status_code == 200, answer.text

    def state(self) -> str:
        return str(self.get("/api/alarm/state/").json()["state"])

    def socket(self, origin: str | None = None, path: str = "/ws/alarm/") -> Socket:
        """Connect; `origin` is the page that asks, by default the panel's own."""
        connection = websocket.create_connection(
            "ws" + self.url.removeprefix("http") + path,
            origin=origin or self.url,
            timeout=SECONDS,
        )
        return Socket(connection)

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Wait until the readiness path answers 200 again."""

        def ready() -> bool:
            return self.get("/api/health/ready/").status_code == 200

        errors = (requests.RequestException,)
        wait_until("the panel to be ready", ready, seconds=seconds, ignoring=errors)


def assets_of(page: str) -> list[str]:
    """The paths on the panel itself that a page's HTML names as sources or links."""
    named = re.findall(r'<(?:script|link)\b[^>]*?\b(?:src|href)="([^"]+)"', page)
    return [urlsplit(path).path for path in named if not urlsplit(path).netloc]
