"""python -m tests.api [OPTION…]: run schemathesis against a production stack made for it.

Options are those of schemathesis. With `--url URL` as the first option it runs against a panel that
is up and not set up yet, in production with its token in SETUP_TOKEN; that panel is unusable
afterwards.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
import tempfile
from typing import Any

import requests

from stack.compose import address
from stack.config.modes import PROD, ROOT
from stack.core.console import Failure
from stack.core.polling import NeverHappened
from tests.support.own_stack import own_stack
from tests.support.panel import setup_token

SECONDS = 30
"""The limit for one answer: the check of an MQTT broker may wait 20 s for a name server."""
PIN = "902784615"

BUDGET = 60
"""Seconds of generated requests."""

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
)
# It ends the session that the other requests need. backend/tests/test_sessions.py covers it.
LEFT_OUT = "session_destroy"


class Admin:
    """An admin of a panel, with the requests of its page."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.http.headers["Origin"] = url
        self.look()

    def look(self) -> None:
        """Read the logged-in user, and the token for the next requests."""
        session = self.ask("GET", "session/")
        self.person = session["person"]
        self.http.headers["X-CSRFToken"] = session["csrf_token"]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request that has to succeed."""
        answer = self.http.request(method, f"{self.url}/api/{path}", json=body, timeout=SECONDS)
        answer.raise_for_status()
        return answer.json()

    def set_up(self, token: str) -> None:
        """Do the first run, and create one object of each kind."""
        password = secrets.token_urlsafe(16)
        checker = {"username": "checker", "name": "Checker", "password": password}
        self.ask("POST", "setup/", {**checker, "pin": PIN, "token": token})
        self.look()
        for number in range(3):
            person = {"username": f"person{number}", "name": "A person", "password": password}
            self.ask("POST", "people/", person)
            self.ask("POST", "codes/", {"label": "A code", "pin": f"{9000 + number}"})
            sensor = {"name": f"Door {number}", "kind": "door", "modes": ["away"]}
            self.sensor = self.ask("POST", "sensors/", sensor)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of this admin's requests."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies)
        token = str(self.http.headers["X-CSRFToken"])
        return {"Cookie": cookies, "X-CSRFToken": token, "Origin": self.url}


def check(url: str, token: str, options: list[str]) -> int:
    """Run schemathesis as an admin; return its exit status, or 1 if the admin was logged out."""
    admin = Admin(url)
    admin.set_up(token)
    checker = admin.person["id"]
    headers = [f"--header={name}: {value}" for name, value in admin.headers.items()]
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/api/schema/"),
        *("--checks", ",".join(CHECKS), "--exclude-operation-id", LEFT_OUT),
        *("--max-time", str(BUDGET), "--request-timeout", str(SECONDS)),
        *("--generation-database", "none", "--continue-on-failure"),
        # A header of its own carries the session; the described one gets generated values.
        *("--generation-with-security-parameters", "false"),
        *headers,
        *options,
    ]
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "tests.api.hooks",
        "PYTHONPATH": str(ROOT),
        "CHECKER_ID": str(checker),
        "CHECKER_PIN": PIN,
        "CHECKER_SENSOR_ID": str(admin.sensor["id"]),
        "CHECKER_SENSOR_TOKEN": admin.sensor["token"],
    }
    with (
        tempfile.TemporaryDirectory() as notes
    ):  # schemathesis writes files to its working directory
        status = subprocess.run(command, cwd=notes, env=environment, check=False).returncode
    admin.look()
    if admin.person is None or admin.person["id"] != checker:
        print("✗ The session ended on the way: later requests have checked nothing.")
        return 1
    return status


def main(options: list[str]) -> int:
    """Check the panel that `options` name, or a stack of its own."""
    if options[:1] == ["--url"]:
        return check(options[1], os.environ.get("SETUP_TOKEN", ""), options[2:])
    with own_stack(PROD, contextlib.nullcontext) as own:
        return check(address.of(own.project).url, setup_token(own.project), options)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, NeverHappened, requests.RequestException) as failure:
        sys.exit(str(failure))
