"""The panel as a browser uses it: HTTP and WebSocket through its one port, logged in."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
import websocket

from stack.core.polling import wait_until

SECONDS = 10.0
"""How long one answer may take before a test fails."""

NOTICED_SECONDS = 1.0
"""Within this a save is noticed, on a loaded machine too."""

ADMIN = {"username": "admin", "name": "Ada", "password": "four doors and a window"}
PIN = "271828"
"""Who the tests' own stacks belong to."""


@dataclass
class Socket:
    """A WebSocket to the panel that reads JSON messages, as docs/websocket.md has them."""

    connection: websocket.WebSocket

    def next_message(self, seconds: float = SECONDS) -> dict[str, Any]:
        """The next message; WebSocketTimeoutException after `seconds`."""
        self.connection.settimeout(seconds)
        message: dict[str, Any] = json.loads(self.connection.recv())
        return message

    def wait_for(self, *types: str, seconds: float = SECONDS) -> dict[str, Any]:
        """Read messages until one has a type in `types`, and return it."""
        return self._first(lambda message: message["type"] in types, f"message {types}", seconds)

    def wait_for_state(self, *wanted: str, seconds: float = SECONDS) -> dict[str, Any]:
        """Read messages until one tells a state in `wanted`; return the alarm, and its sequence."""

        def tells(message: dict[str, Any]) -> bool:
            return alarm_of(message).get("state") in wanted

        message = self._first(tells, f"state {wanted}", seconds)
        return {**alarm_of(message), "sequence": message["sequence"]}

    def _first(
        self, fits: Callable[[dict[str, Any]], bool], what: str, seconds: float
    ) -> dict[str, Any]:
        limit = time.monotonic() + seconds
        seen = []
        while time.monotonic() < limit:
            message = self.next_message(max(0.1, limit - time.monotonic()))
            if fits(message):
                return message
            seen.append(message)
        raise AssertionError(f"no {what} within {seconds:g} s; seen: {seen}")

    def close_code(self) -> int:
        """The code that the server closes with, after what is still to be read."""
        self.connection.settimeout(SECONDS)
        for _ in range(20):
            opcode, data = self.connection.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(data[:2], "big")
        raise AssertionError("the server goes on talking")

    def is_closed_by_server(self) -> bool:
        """Whether the connection ends, after what is still to be read."""
        try:
            for _ in range(20):
                self.next_message()
        except (websocket.WebSocketConnectionClosedException, ConnectionError, ValueError):
            return True
        return False

    def send(self, message: dict[str, Any]) -> None:
        self.connection.send(json.dumps(message))


def alarm_of(message: dict[str, Any]) -> dict[str, Any]:
    """The alarm that a message of the socket tells, or nothing."""
    if message["type"] == "snapshot":
        return dict(message["alarm"])
    if message["type"] == "change" and message["topic"] == "alarm":
        return dict(message["data"])
    return {}


@dataclass
class Panel:
    """One running stack, seen from outside."""

    url: str
    disarm_without_pin: Callable[[], None] | None = None
    """For a person's own stack, whose PIN these tests may not know."""
    pin: str | None = PIN
    """None: nobody has told it."""
    http: requests.Session = field(default_factory=requests.Session)
    seconds: float = SECONDS
    """How long it may take to answer."""

    def set_up(self) -> None:
        """The first run: make the admin and the first PIN."""
        answer = self.post("/api/setup/", {**ADMIN, "pin": self.pin})
        assert answer.status_code == 201, answer.text

    def stranger(self) -> Panel:
        """The same panel for somebody who is not logged in."""
        return Panel(self.url)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.http.get(self.url + path, timeout=self.seconds, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.http.post(
            self.url + path, json=body, headers=self.csrf(), timeout=self.seconds, **options
        )

    def csrf(self) -> dict[str, str]:
        """The header that a page sends to show that it is the panel's own."""
        if "csrftoken" not in self.http.cookies:
            self.get("/api/session/")
        return {"X-CSRFToken": self.http.cookies.get("csrftoken") or "", "Referer": self.url}

    def arm(self, mode: str) -> requests.Response:
        return self.post("/api/alarm/arm/", {"mode": mode})

    def disarm(self) -> None:
        """Come back to `disarmed`, from whichever state."""
        if self.state() == "disarmed":
            return
        if self.pin:
            answer = self.post("/api/alarm/disarm/", {"pin": self.pin})
            if answer.status_code == 200:
                return
            assert self.disarm_without_pin, answer.text
            self.pin = None  # one wrong guess in a person's panel is enough
        assert self.disarm_without_pin
        self.disarm_without_pin()

    def state(self) -> str:
        return str(self.get("/api/alarm/state/").json()["state"])

    def socket(self, origin: str | None = None, path: str = "/ws/alarm/") -> Socket:
        """Connect; `origin` is the page that asks, by default the panel's own."""
        connection = websocket.create_connection(
            "ws" + self.url.removeprefix("http") + path,
            origin=origin or self.url,
            cookie="; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies),
            timeout=SECONDS,
        )
        return Socket(connection)

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Wait until the readiness path answers 200 again."""

        def ready() -> bool:
            return self.get("/api/health/ready/").status_code == 200

        errors = (requests.RequestException,)
        wait_until("the panel to be ready", ready, seconds=seconds, ignoring=errors)

    def wait_until_settled(self, seconds: float = 60) -> None:
        """After a save: wait until it has been ready for a while.

        Right after the save what ran before it still answers.
        """
        since: float | None = None

        def settled() -> bool:
            nonlocal since
            try:
                ready = self.get("/api/health/ready/").status_code == 200
            except requests.RequestException:
                ready = False
            since = (since or time.monotonic()) if ready else None
            return since is not None and time.monotonic() - since > NOTICED_SECONDS

        wait_until("the panel to stay ready", settled, seconds=seconds)


def assets_of(page: str) -> list[str]:
    """The paths on the panel itself that a page's HTML names as sources or links."""
    named = re.findall(r'<(?:script|link)\b[^>]*?\b(?:src|href)="([^"]+)"', page)
    return [urlsplit(path).path for path in named if not urlsplit(path).netloc]
