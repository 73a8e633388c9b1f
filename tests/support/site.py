"""A running stack as a browser uses it: HTTP and WebSocket through its one port."""

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

from stack.compose import address
from stack.compose.address import Address
from stack.compose.project import Project

SECONDS = 10.0
"""The limit for one answer."""


@dataclass
class Socket:
    """A WebSocket that reads JSON messages."""

    connection: websocket.WebSocket

    def next_message(self, seconds: float = SECONDS) -> dict[str, Any]:
        """The next message; WebSocketTimeoutException after `seconds`."""
        self.connection.settimeout(seconds)
        message: dict[str, Any] = json.loads(self.connection.recv())
        return message

    def wait_for(self, *types: str, seconds: float = SECONDS) -> dict[str, Any]:
        """Read messages until one has a type in `types`, and return it."""
        return self.first(lambda message: message["type"] in types, f"message {types}", seconds)

    def first(
        self, fits: Callable[[dict[str, Any]], bool], what: str, seconds: float = SECONDS
    ) -> dict[str, Any]:
        """Read messages until one fits, and return it; `what` is for the error."""
        limit = time.monotonic() + seconds
        seen = []
        while time.monotonic() < limit:
            message = self.next_message(max(0.1, limit - time.monotonic()))
            if fits(message):
                return message
            seen.append(message)
        raise AssertionError(f"no {what} within {seconds:g} s; seen: {seen}")

    def close_code(self) -> int:
        """The server's close code; messages before it are skipped."""
        self.connection.settimeout(SECONDS)
        for _ in range(20):
            opcode, data = self.connection.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(data[:2], "big")
        raise AssertionError("the server does not close the connection")

    def is_closed_by_server(self) -> bool:
        """Whether the connection ends; messages before that are skipped."""
        try:
            for _ in range(20):
                self.next_message()
        except (websocket.WebSocketConnectionClosedException, ConnectionError, ValueError):
            return True
        return False

    def send(self, message: dict[str, Any]) -> None:
        self.connection.send(json.dumps(message))


@dataclass
class Site:
    """One running stack, through its port."""

    address: Address
    seconds: float = field(default=SECONDS, kw_only=True)
    """The limit for one answer."""
    http: requests.Session = field(init=False)

    def __post_init__(self) -> None:
        self.http = self.address.session()

    @property
    def url(self) -> str:
        """Where to connect."""
        return self.address.url

    @property
    def origin(self) -> str:
        """The page's address in the browser."""
        return self.address.origin

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.http.get(self.url + path, timeout=self.seconds, **options)

    def page(self) -> requests.Response:
        """The page, asked for as a browser does."""
        return self.get("/", headers={"Accept": "text/html"})

    def connect(self, path: str, **options: Any) -> websocket.WebSocket:
        """Open a WebSocket from the page's own address; options are websocket-client's."""
        url = "ws" + self.url.removeprefix("http") + path
        own = {
            "origin": self.origin,
            "header": self.address.headers,
            "sslopt": {"context": self.address.tls()},
            "timeout": SECONDS,
        }
        return websocket.create_connection(url, **{**own, **options})


def assets_of(page: str) -> list[str]:
    """The paths on the panel itself that a page's HTML names as sources or links."""
    named = re.findall(r'<(?:script|link)\b[^>]*?\b(?:src|href)="([^"]+)"', page)
    return [urlsplit(path).path for path in named if not urlsplit(path).netloc]


def is_ready(project: Project) -> bool:
    """Whether a running stack is ready, asked through its port."""
    where = address.of(project)
    answer = where.session().get(f"{where.url}/api/health/ready/", timeout=SECONDS)
    return answer.status_code == 200
