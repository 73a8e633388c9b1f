"""The alarm's panel as a browser uses it: HTTP and WebSocket through its one port, logged in."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookiejar import Cookie
from typing import Any

import requests

from stack.compose.project import Project
from stack.config.modes import PROD
from stack.core.polling import wait_until
from tests.support.site import SECONDS, Site, Socket

NOTICED_SECONDS = 1.0
"""Within this time a save is noticed, on a loaded machine too."""

ADMIN = {"username": "admin", "name": "Ada", "password": "four doors and a window"}
PIN = "271828"
"""The first admin of the tests' own stacks."""


def setup_token(project: Project) -> str:
    """What the first visit of a production stack asks for."""
    command = ("/entrypoint.sh", "python", "manage.py", "setup_token")
    asked = project.capture("exec", "-T", "app", *command)
    assert asked.returncode == 0, asked.stderr
    return asked.stdout.strip()


class AlarmSocket(Socket):
    """A WebSocket to the panel, as docs/websocket.md describes its messages."""

    def wait_for_state(self, *wanted: str, seconds: float = SECONDS) -> dict[str, Any]:
        """Read messages until one has a state in `wanted`; return the alarm, with its sequence."""

        def has_state(message: dict[str, Any]) -> bool:
            return alarm_of(message).get("state") in wanted

        message = self.first(has_state, f"state {wanted}", seconds)
        return {**alarm_of(message), "sequence": message["sequence"]}


def alarm_of(message: dict[str, Any]) -> dict[str, Any]:
    """The alarm in a message of the socket; empty if there is none."""
    if message["type"] == "snapshot":
        return dict(message["alarm"])
    if message["type"] == "change" and message["topic"] == "alarm":
        return dict(message["data"])
    return {}


@dataclass
class Panel(Site):
    """One running stack with the alarm, through its port."""

    disarm_without_pin: Callable[[], None] | None = None
    """For a stack in use, whose PIN the tests may not know."""
    pin: str | None = PIN
    """None if it is unknown."""

    def set_up(self, project: Project, token: str = "") -> None:
        """Do the first run: create the admin and the first PIN; `project` has the setup token."""
        needs_token = self.get("/api/session/").json()["setup_token_required"]
        assert needs_token == (project.mode is PROD)
        if needs_token and not token:
            token = setup_token(project)
        self.first_visit(token)

    def first_visit(self, token: str) -> None:
        """Create the admin and the first PIN with a setup token."""
        answer = self.post("/api/setup/", {**ADMIN, "pin": self.pin, "token": token})
        assert answer.status_code == 201, answer.text

    def anonymous(self) -> Panel:
        """The same panel for a client that is not logged in."""
        return Panel(self.address)

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        return self.ask("POST", path, body, **options)

    def ask(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        """Send a request; like the page, give the password again where the panel asks for it."""

        def send() -> requests.Response:
            options_of_all = {"headers": self.csrf(), "timeout": self.seconds, **options}
            return self.http.request(method, self.url + path, json=body, **options_of_all)

        answer = send()
        if answer.status_code == 403 and answer.json().get("code") == "proof_required":
            proof = {"password": ADMIN["password"]}
            assert self.ask("POST", "/api/session/proof/", proof).status_code == 204
            answer = send()
        return answer

    def csrf(self) -> dict[str, str]:
        """The headers with which the page proves that it is the panel's own."""
        if self._cookie("csrf") is None:
            self.get("/api/session/")
        cookie = self._cookie("csrf")
        token = (cookie and cookie.value) or ""
        return {"X-CSRFToken": token, "Referer": f"{self.origin}/"}

    @property
    def session_cookie(self) -> Cookie:
        """The cookie of the login."""
        cookie = self._cookie("session")
        assert cookie, "not logged in"
        return cookie

    def _cookie(self, part: str) -> Cookie | None:
        """The cookie with `part` in its name, which begins with the stack's."""
        return next((cookie for cookie in self.http.cookies if part in cookie.name), None)

    def arm(self, mode: str, *, force: bool = True) -> requests.Response:
        """Arm; with `force` also where a window is open or a sensor has no contact."""
        return self.post("/api/alarm/arm/", {"mode": mode, "force": force})

    def disarm(self) -> None:
        """Return to `disarmed` from any state."""
        if self.state() == "disarmed":
            return
        if self.pin:
            answer = self.post("/api/alarm/disarm/", {"pin": self.pin})
            if answer.status_code == 200:
                return
            assert self.disarm_without_pin, answer.text
            self.pin = None  # do not guess again on a panel in use
        assert self.disarm_without_pin
        self.disarm_without_pin()

    def state(self) -> str:
        return str(self.get("/api/alarm/state/").json()["state"])

    def socket(self, origin: str | None = None, path: str = "/ws/alarm/") -> AlarmSocket:
        """Connect; `origin` is the page's address, by default the panel's own."""
        cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies)
        return AlarmSocket(self.connect(path, origin=origin or self.origin, cookie=cookie))

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Wait until the readiness path answers 200 again."""

        def ready() -> bool:
            return self.get("/api/health/ready/").status_code == 200

        errors = (requests.RequestException,)
        wait_until("the panel to be ready", ready, seconds=seconds, ignoring=errors)

    def wait_until_settled(self, seconds: float = 60) -> None:
        """After a save: wait until the panel has been ready for a while.

        Right after the save the old process still answers.
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
