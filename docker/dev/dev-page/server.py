"""The page at /__dev/: the state of the development stack, its errors, and restart buttons.

It needs neither Daphne nor the database, because it is for when those are down. Vite forwards
`/__dev/` to this process's Unix socket, so it is reached through the published port only, under a
host name that Vite allows. It is in the development image alone.

Environment: APP_DIR (the folder that holds `backend/`), RUN_DIR (sockets and the processes' logs).
"""

import json
import os
import signal
import socket
import socketserver
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import logs
import migrations
import programs

SOCKET = Path(os.environ.get("RUN_DIR", "/run/app"), "dev-page.sock")
OWN_NAME = "dev-page"
ANSWER_SECONDS = 10
"""The limit for a browser to send or read."""

HERE = Path(__file__).parent
FILES = {
    "/__dev/": ("page/index.html", "text/html; charset=utf-8"),
    "/__dev/page.css": ("page/page.css", "text/css; charset=utf-8"),
    "/__dev/page.js": ("page/page.js", "text/javascript; charset=utf-8"),
    "/__dev/probes.js": ("page/probes.js", "text/javascript; charset=utf-8"),
    "/__dev/app.json": ("app.json", "application/json"),
}
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Handler(BaseHTTPRequestHandler):
    """The page's files, its JSON, and the one request that changes something."""

    timeout = ANSWER_SECONDS
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in FILES:
            name, content_type = FILES[path]
            self.answer(HTTPStatus.OK, (HERE / name).read_bytes(), content_type)
        elif path == "/__dev":
            self.answer(HTTPStatus.FOUND, b"", "text/plain", Location="/__dev/")
        elif path == "/__dev/api/programs":
            self.tell(*programs_with_logs())
        elif path == "/__dev/api/migrations":
            self.tell(HTTPStatus.OK, migrations.state())
        else:
            self.refuse(HTTPStatus.NOT_FOUND, "not_found", "There is nothing at this address.")

    def do_POST(self) -> None:
        self.close_connection = True  # a body, which is not needed, stays unread
        match urlsplit(self.path).path.split("/"):
            case ["", "__dev", "api", "programs", name, "restart"]:
                if self.is_from_the_page_itself():
                    self.restart(name)
                else:
                    message = "Only this page itself may restart programs."
                    self.refuse(HTTPStatus.FORBIDDEN, "foreign_origin", message)
            case _:
                self.refuse(HTTPStatus.NOT_FOUND, "not_found", "There is nothing at this address.")

    def is_from_the_page_itself(self) -> bool:
        """Whether the request comes from this page and not from another site's.

        Another site's page has another Origin, and cannot set this header without a CORS
        preflight, which is never granted.
        """
        origin, host = self.headers.get("Origin", ""), self.headers.get("Host")
        same = bool(host) and urlsplit(origin).netloc == host
        return same and self.headers.get("X-Dev-Page") == "restart"

    def restart(self, name: str) -> None:
        if name == OWN_NAME:
            self.tell(HTTPStatus.OK, {"restarted": name})
            os.kill(os.getpid(), signal.SIGTERM)  # supervisord starts it again
            return
        try:
            programs.restart(name)
        except programs.SupervisorError as error:
            self.refuse(HTTPStatus.CONFLICT, "not_restarted", str(error))
        else:
            self.tell(HTTPStatus.OK, {"restarted": name})

    def tell(self, status: HTTPStatus, answer: object) -> None:
        self.answer(status, json.dumps(answer).encode(), "application/json")

    def refuse(self, status: HTTPStatus, code: str, detail: str) -> None:
        self.tell(status, {"code": code, "detail": detail})

    def answer(self, status: HTTPStatus, body: bytes, content_type: str, **headers: str) -> None:
        self.send_response(status)
        sized = {"Content-Type": content_type, "Content-Length": str(len(body))}
        for name, value in (HEADERS | sized | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The page asks every few seconds, which is not worth a log."""


def programs_with_logs() -> tuple[HTTPStatus, object]:
    """Every process with the last lines of its log; this process is the last."""
    try:
        states = sorted(programs.states(), key=lambda state: state["program"] == OWN_NAME)
        return HTTPStatus.OK, [s | {"log": logs.tail(str(s["program"]))} for s in states]
    except programs.SupervisorError as error:
        return HTTPStatus.BAD_GATEWAY, {"code": "no_supervisord", "detail": str(error)}


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """A thread for each request; none of them delays the end of the process."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore closed connections, e.g. of Vite when it is the process that is restarted."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def main() -> None:
    socket.setdefaulttimeout(ANSWER_SECONDS)
    SOCKET.unlink(missing_ok=True)
    os.umask(0o077)
    with Server(str(SOCKET), Handler) as server:
        # `shutdown` waits for the loop to end, so the loop's own thread must not call it.
        stop = threading.Thread(target=server.shutdown)
        signal.signal(signal.SIGTERM, lambda *_: stop.start())
        server.serve_forever()


if __name__ == "__main__":
    main()
