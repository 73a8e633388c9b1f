"""A relay with an HTTP address, as Shelly's: a real server that a test can slow down or break."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.conftest import until


class Relay(ThreadingHTTPServer):
    """`requests` are those that arrived; `is_on` is what the relay does, which its timer ends."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.status = 200
        self.requests: list[dict] = []
        self.hold = threading.Event()  # cleared: no answer
        self.hold.set()
        self._off_at = 0.0
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def is_on(self) -> bool:
        return time.monotonic() < self._off_at

    def urls(self, more: str = "") -> dict[str, str]:
        """Return both addresses of this relay as an output's fields."""
        relay = f"http://127.0.0.1:{self.port}/relay/0"
        return {
            "on_url": f"{relay}?turn=on&timer={{duration}}&tone={{tone}}{more}",
            "off_url": f"{relay}?turn=off{more}",
        }

    def turns(self) -> list[str]:
        """Return the commands that have arrived, in their order."""
        return [request["turn"] for request in self.requests]

    def has(self, *turns: str) -> None:
        """Wait until exactly these commands have arrived."""
        until(lambda: self.turns() == list(turns), what=f"{turns}, not {self.turns()}")

    def take(self, request: dict) -> None:
        self.requests.append(request)
        if self.status == 200:
            seconds = float(request.get("timer", 0)) if request["turn"] == "on" else 0.0
            self._off_at = time.monotonic() + seconds

    def close(self) -> None:
        self.hold.set()
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Relay

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        self.server.take(
            {
                **{"turn": "", "method": self.command, "body": self.rfile.read(length).decode()},
                "login": self.headers.get("Authorization", ""),
                **asked,
            }
        )
        self.server.hold.wait(30)
        self.send_response(self.server.status)
        if self.server.status >= 300:
            self.send_header("Location", f"http://127.0.0.1:{self.server.port}/other?turn=moved")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing: a test reads `requests`."""
