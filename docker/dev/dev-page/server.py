"""The page at /__dev/: the state of the development stack, its errors, and restart buttons.

It needs neither Daphne nor the database, because it is for when those are down. Vite forwards
`/__dev/` to this process's Unix socket, so it is reached through the published port only, under a
host name that Vite allows. It is in the development image alone.

Environment: APP_DIR (the folder that holds `backend/`), RUN_DIR (sockets and the processes' logs).
"""

import functools
import json
import os
import re
import socketserver
import subprocess
import sys
import xmlrpc.client
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPException
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from supervisor import childutils

HERE = Path(__file__).parent
RUN_DIR = Path(os.environ.get("RUN_DIR", "/run/app"))
BACKEND = Path(os.environ.get("APP_DIR", "/app"), "backend")
SOCKET = RUN_DIR / "dev-page.sock"
OWN_NAME = "dev-page"
LOG_LINES = 200
COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
RESTART = re.compile(r"/__dev/api/programs/([^/]+)/restart")
RESTART_SECONDS = 60
MIGRATIONS_SECONDS = 30
"""Importing Django takes one; a database that does not answer, three more."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Unavailable(Exception):
    """What was asked for cannot be had; the message says why."""


class Handler(SimpleHTTPRequestHandler):
    """The page's files, its JSON, and the one request that changes something."""

    timeout = 10  # seconds for a browser to send or read
    protocol_version = "HTTP/1.1"

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix("/__dev"))

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def do_GET(self) -> None:
        match self.path:
            case "/__dev/api/programs":
                self.answer(programs)
            case "/__dev/api/migrations":
                self.answer(migrations)
            case _:
                super().do_GET()

    def do_POST(self) -> None:
        self.close_connection = True  # a body, which is not needed, stays unread
        asked = RESTART.fullmatch(self.path)
        if asked is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif not self.is_from_the_page_itself():
            detail = "Only this page itself may restart programs."
            self.answer_json(HTTPStatus.FORBIDDEN, {"detail": detail})
        elif asked[1] == OWN_NAME:
            self.answer_json(HTTPStatus.OK, {"restarted": OWN_NAME})
            os._exit(0)  # supervisord starts it again
        else:
            self.answer(lambda: restart(asked[1]), HTTPStatus.CONFLICT)

    def is_from_the_page_itself(self) -> bool:
        """Whether the request comes from this page and not from another site's.

        Another site's page has another Origin, and cannot set this header without a CORS
        preflight, which is never granted.
        """
        origin, host = self.headers.get("Origin", ""), self.headers.get("Host")
        same = bool(host) and urlsplit(origin).netloc == host
        return same and self.headers.get("X-Dev-Page") == "restart"

    def answer(
        self, ask: Callable[[], object], refusal: HTTPStatus = HTTPStatus.BAD_GATEWAY
    ) -> None:
        try:
            self.answer_json(HTTPStatus.OK, ask())
        except Unavailable as error:
            self.answer_json(refusal, {"detail": str(error)})

    def answer_json(self, status: HTTPStatus, answer: object) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """The page asks every few seconds, which is not worth a log."""


def programs() -> list[dict[str, object]]:
    """Every process with the last lines of its log; this process is the last."""
    url = {"SUPERVISOR_SERVER_URL": f"unix://{RUN_DIR}/supervisor.sock"}
    try:
        found = childutils.getRPCInterface(url).supervisor.getAllProcessInfo()
    except (OSError, HTTPException, xmlrpc.client.Error) as error:
        raise Unavailable(f"supervisord does not answer: {error}") from error
    return [
        {
            "process": info["name"],
            "state": info["statename"].lower(),
            "pid": info["pid"],
            "description": info["description"],
            "log": tail(info["group"]),
        }
        for info in sorted(found, key=lambda info: info["group"] == OWN_NAME)
    ]


def tail(program: str) -> list[str]:
    """The last lines of its log, of which `log-prefix` keeps two files, the older one in NAME.1."""
    files = [RUN_DIR / "log" / f"{program}.1", RUN_DIR / "log" / program]
    text = "".join(file.read_text(errors="replace") for file in files if file.exists())
    return COLOURS.sub("", text).splitlines()[-LOG_LINES:]


def restart(program: str) -> dict[str, str]:
    """Stop and start a program, as `inv dev.restart` does."""
    run(["programs", "restart", program], RESTART_SECONDS)
    return {"restarted": program}


def migrations() -> dict[str, object]:
    """`pending`: names of migrations; `unwritten`: apps whose models ask for one.

    `inv` is the mode, as in `inv dev`. Importing Django here would keep its memory and miss edits.
    """
    found = run([sys.executable, str(HERE / "find_migrations.py")], MIGRATIONS_SECONDS)
    answer: dict[str, object] = json.loads(found.splitlines()[-1])
    return answer | {"inv": os.environ.get("INV_MODE", "dev")}


def run(command: list[str], seconds: int) -> str:
    """Run it in the backend's folder; returns what it prints."""
    try:
        done = subprocess.run(
            command, cwd=BACKEND, capture_output=True, text=True, timeout=seconds, check=True
        )
    except subprocess.CalledProcessError as error:
        raise Unavailable((str(error.stderr).strip() or str(error)).splitlines()[-1]) from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"There was no answer within {seconds} s.") from error
    return done.stdout


class Server(socketserver.ThreadingUnixStreamServer):
    """A thread for each request."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore closed connections, e.g. of Vite when it is the process that is restarted."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def main() -> None:
    SOCKET.unlink(missing_ok=True)
    os.umask(0o077)
    handler = functools.partial(Handler, directory=str(HERE / "page"))
    with Server(str(SOCKET), handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
