"""Clients whose every request can be found in Nginx's log, so that no loss is overlooked."""

from __future__ import annotations

import json
import uuid
from typing import Any

import requests
from docker.models.containers import Container

from tests.faults.clients import Client, Reader, Writer


class TracedClient(Client):
    """Gives each request a name of its own and records which were answered."""

    every = 0.02

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.prefix = f"traced-{uuid.uuid4().hex[:12]}-"
        self.asked = 0
        self.answered: set[str] = set()

    def request(
        self, method: str, path: str, good: int, **options: Any
    ) -> requests.Response | None:
        self.asked += 1
        name = f"{self.prefix}{self.asked}"
        headers = {**options.pop("headers", {}), "User-Agent": name}
        answer = super().request(method, path, good, headers=headers, **options)
        if answer is not None:
            self.answered.add(name)
        return answer

    def unanswered(self, app: Container) -> list[str]:
        """Its requests that Nginx accepted and that got no answer."""
        accepted = {line["user_agent"]: line["status"] for line in access_log(app)}
        mine = {name: status for name, status in accepted.items() if name.startswith(self.prefix)}
        return [f"{name}: {mine[name]}" for name in mine.keys() - self.answered]


class TracedReader(TracedClient, Reader):
    """Reads as fast as it can, over a new connection each time."""


class TracedWriter(TracedClient, Writer):
    """A sensor that waits for each of its answers."""

    every = 1.5  # with the other writers below a sensor's limit of 30 in 10 s


def access_log(app: Container) -> list[dict[str, Any]]:
    """The lines of Nginx's access log in the container's."""
    said = app.logs().decode(errors="replace").splitlines()
    found = (line.partition(" | ")[2] for line in said if line.startswith("nginx "))
    return [json.loads(line) for line in found if line.startswith('{"time"')]
