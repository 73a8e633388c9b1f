"""A receiver of notifications, like ntfy, in a container beside a stack's app."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from docker.models.containers import Container

from stack.compose.project import Project
from stack.core.polling import wait_until
from tests.support.containers import image_of

PORT = 8080
SERVER = f"""
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length'])).decode()
        print(body + chr(10), end='', flush=True)  # at once: other threads print, too
        self.send_response(200)
        self.send_header('Content-Length', '0')
        self.end_headers()

    def log_message(self, *_):
        pass

http.server.ThreadingHTTPServer(('', {PORT}), Handler).serve_forever()
"""


@dataclass(frozen=True)
class Receiver:
    """Its container can be stopped (it is away) and paused (it takes connections, and hangs)."""

    container: Container
    name: str

    @property
    def url(self) -> str:
        """Its address for a channel."""
        return f"json://{self.name}:{PORT}/"

    def messages(self, title: str) -> list[dict[str, Any]]:
        """The messages with this title, oldest first."""
        lines = self.container.logs(stderr=False).decode().splitlines()
        return [one for one in map(json.loads, lines) if one["title"] == title]

    def wait_for(self, title: str, seconds: float) -> None:
        wait_until(f"the message {title!r}", lambda: self.messages(title), seconds=seconds)


@contextmanager
def running(project: Project, name: str = "receiver") -> Iterator[Receiver]:
    """Run one in the app's network while the block lasts."""
    app = project.containers()["app"]
    network = project.client.networks.get(f"{project.name}_default")
    container = project.client.containers.create(
        image_of(app),
        entrypoint=["python3", "-c", SERVER],
        network=network.name,
        networking_config={
            str(network.name): project.client.api.create_endpoint_config(aliases=[name])
        },
        labels={"alarm.faults": project.name},
        stop_signal="SIGKILL",
    )
    try:
        container.start()
        listens = [
            *("python3", "-c"),
            f"import socket; socket.create_connection(('localhost', {PORT}))",
        ]
        wait_until(name, lambda: container.exec_run(listens).exit_code == 0, seconds=30)
        yield Receiver(container, name)
    finally:
        container.remove(force=True, v=True)
