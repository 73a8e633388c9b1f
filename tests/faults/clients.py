"""The panel's clients during a fault: readers, sensors that write, browsers with a WebSocket.

Each is a thread with a bounded rate that ends by itself after LONGEST seconds.
"""

from __future__ import annotations

import json
import random
import threading
import time
from http.client import HTTPException
from typing import Any

import requests
import websocket

from tests.faults.observations import Observations
from tests.support.panel import Panel

LONGEST = 400.0
"""Seconds after which a client ends if it is not stopped."""

PATIENCE = 15.0
"""Seconds that a client waits for one answer."""


class Client(threading.Thread):
    """One client. `kind` names its column in the table; `every` is the least pause in seconds."""

    kind = ""
    every = 0.2
    starts_after = 0.0
    """Seconds, so that many clients of one pace do not ask at the same moment."""
    patience: float | tuple[float, float] = PATIENCE
    """Seconds for an answer, or for the connection and for the answer."""

    def __init__(self, panel: Panel) -> None:
        super().__init__(daemon=True, name=type(self).__name__)
        self.panel = panel
        self.observed = Observations()
        self.crash: BaseException | None = None
        self._stop_wanted = threading.Event()
        self._ends_at = time.monotonic() + LONGEST

    def stop(self) -> None:
        self._stop_wanted.set()

    @property
    def goes_on(self) -> bool:
        return not self._stop_wanted.is_set() and time.monotonic() < self._ends_at

    def run(self) -> None:
        try:
            self._stop_wanted.wait(self.starts_after)
            while self.goes_on:
                began = time.monotonic()
                self.request_once()
                self._stop_wanted.wait(max(0.0, self.every - (time.monotonic() - began)))
        except BaseException as error:  # a test must not pass because its client died
            self.crash = error

    def request_once(self) -> None:
        """One request, or one life of a connection; adds to `observed`."""
        raise NotImplementedError

    def request(
        self, method: str, path: str, good: int, **options: Any
    ) -> requests.Response | None:
        """One request over a connection of its own; None when no answer came."""
        began = time.monotonic()
        headers = {"Connection": "close", **options.pop("headers", {})}
        try:
            answer = requests.request(
                *(method, self.panel.url + path), headers=headers, timeout=self.patience, **options
            )
        except (requests.RequestException, HTTPException, OSError) as error:
            self.observed.add(reason(error), False, time.monotonic() - began)
            return None
        is_good = answer.status_code == good
        self.observed.add(str(answer.status_code), is_good, time.monotonic() - began)
        return answer


def reason(error: Exception) -> str:
    """The reason for a missing answer, in a word. Docker's proxy accepts a connection before the
    panel does, so a panel that does not listen looks like one that closes the connection.
    """
    text = repr(error)
    if isinstance(error, requests.Timeout | TimeoutError | websocket.WebSocketTimeoutException):
        return "timeout"
    if "refused" in text:
        return "refused"
    return "cut"


class Reader(Client):
    """Reads one path, as an open page does."""

    def __init__(self, panel: Panel, path: str, kind: str) -> None:
        super().__init__(panel)
        self.path, self.kind = path, kind

    def request_once(self) -> None:
        cookies = self.panel.http.cookies.get_dict()
        self.request("GET", self.path, 200, cookies=cookies)


class Writer(Client):
    """A sensor: reports an opening or a closing until it is acknowledged, then the next.

    A report whose answer was lost is sent again with its identifier; "replayed" (409) is then an
    acknowledgement, too.
    """

    kind = "writes"
    every = 0.5  # a sensor may report 30 times in 10 s

    def __init__(self, panel: Panel, sensor_id: int, token: str, run: str) -> None:
        super().__init__(panel)
        self.path = f"/api/sensors/{sensor_id}/events/"
        self.headers = {"Authorization": f"Bearer {token}"}
        self.run_name = f"{run}-{sensor_id}"
        self.number = 0
        self.acknowledged: list[str] = []
        self.sequence = 0
        """The newest change in an acknowledgement."""

    def request_once(self) -> None:
        event_id = f"{self.run_name}-{self.number}"
        body = {"active": self.is_open(), "event_id": event_id}
        answer = self.request("POST", self.path, 202, json=body, headers=self.headers)
        if answer is None:
            return
        was_heard = answer.status_code == 409 and answer.json()["code"] == "replayed"
        if answer.status_code == 202:
            self.sequence = answer.json()["sequence"]
        if answer.status_code == 202 or was_heard:
            self.acknowledged.append(event_id)
            self.number += 1

    def is_open(self) -> bool:
        """What the next report says."""
        return self.number % 2 == 0


class Browser(Client):
    """A page's WebSocket, with the pauses and patience of frontend/src/live/connection.ts."""

    kind = "sockets"
    SNAPSHOT_WITHIN = 10.0
    PING_AFTER, PONG_WITHIN = 3.0, 4.0
    RESUME_AFTER, RESUMED_WITHIN = 15.0, 8.0
    FIRST_RETRY, LONGEST_RETRY = 1.0, 30.0

    def __init__(self, panel: Panel) -> None:
        super().__init__(panel)
        self.failures = 0
        self.sequence = -1
        """The newest change that it has received."""
        self.current_at = 0.0
        """When it last knew that it has every change."""

    def request_once(self) -> None:
        """One connection's life, and the pause until the next."""
        try:
            self.connect_and_listen()
        except (websocket.WebSocketException, OSError, HTTPException) as error:
            if isinstance(error, websocket.WebSocketBadStatusException):
                self.lose(f"HTTP {error.status_code}")
            else:
                self.lose(reason(error))

    def lose(self, what: str) -> None:
        self.observed.add(what, False)
        longest = min(self.LONGEST_RETRY, self.FIRST_RETRY * 2**self.failures)
        self.failures += 1
        self._stop_wanted.wait(longest * (0.5 + random.random() / 2))

    def connect_and_listen(self) -> None:
        connection = websocket.create_connection(
            "ws" + self.panel.url.removeprefix("http") + "/ws/alarm/",
            origin=self.panel.url,
            cookie="; ".join(f"{cookie.name}={cookie.value}" for cookie in self.panel.http.cookies),
            timeout=self.SNAPSHOT_WITHIN,
        )
        try:
            self.listen(connection)
        finally:
            connection.shutdown()

    def listen(self, connection: websocket.WebSocket) -> None:
        """Silence leads to a ping, or after a longer time without a change to a resume."""
        lost_at, ask_at = time.monotonic() + self.SNAPSHOT_WITHIN, float("inf")
        waits_for_state = True
        while self.goes_on:
            now = time.monotonic()
            if now >= lost_at:
                self.lose("silent")
                return
            if now >= ask_at:
                waits_for_state = now - self.current_at >= self.RESUME_AFTER
                resume = {"type": "resume", "since": self.sequence}
                connection.send(json.dumps(resume if waits_for_state else {"type": "ping"}))
                patience = self.RESUMED_WITHIN if waits_for_state else self.PONG_WITHIN
                lost_at, ask_at = now + patience, float("inf")
            connection.settimeout(0.5)
            try:
                opcode, data = connection.recv_data()
            except websocket.WebSocketTimeoutException:
                continue
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                self.lose(f"closed {int.from_bytes(data[:2], 'big') or 1005}")
                return
            if self.hear(connection, json.loads(data)) or not waits_for_state:
                waits_for_state = False
                lost_at, ask_at = float("inf"), time.monotonic() + self.PING_AFTER

    def hear(self, connection: websocket.WebSocket, message: dict[str, Any]) -> bool:
        """Take one message; return whether it is the state that was asked for."""
        match message["type"]:
            case "snapshot":
                self.failures = 0
                self.sequence = message["sequence"]
                self.observed.add("live", True)
            case "ping":
                connection.send('{"type":"pong"}')
            case "change" | "resumed":
                self.sequence = max(self.sequence, message["sequence"])
        if message["type"] in ("snapshot", "change", "resumed"):
            self.current_at = time.monotonic()
        return message["type"] in ("snapshot", "resumed")
