"""docker/common/bin/programs, when supervisord does not answer as usual."""

from __future__ import annotations

import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from xmlrpc.client import Fault, dumps

from stack.config.modes import ROOT

REFUSAL = dumps(Fault(6, "SHUTDOWN_STATE"), methodresponse=True).encode()
"""supervisord's answer while it stops."""


@contextmanager
def supervisord(run_dir: Path, answer: bytes) -> Iterator[None]:
    """A server on supervisord's socket that gives the same answer to every request."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    path = str(run_dir / "supervisor.sock")
    with socketserver.UnixStreamServer(path, Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        try:
            yield
        finally:
            server.shutdown()


def programs(run_dir: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(ROOT / "docker" / "common" / "bin" / "programs"), *words]
    env = {**os.environ, "RUN_DIR": str(run_dir)}
    return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def test_a_stopping_supervisord_is_an_error(tmp_path: Path) -> None:
    with supervisord(tmp_path, REFUSAL):
        line = said(programs(tmp_path))
        assert line == "supervisord did not do it: SHUTDOWN_STATE"
        assert "SHUTDOWN_STATE" in said(programs(tmp_path, "start"))


def test_an_answer_that_is_not_xml_is_an_error(tmp_path: Path) -> None:
    with supervisord(tmp_path, b"<methodResponse>"):
        assert said(programs(tmp_path)).startswith("supervisord did not do it: ")


def test_a_missing_supervisord_is_an_error(tmp_path: Path) -> None:
    assert said(programs(tmp_path)).startswith("supervisord did not do it: ")
    assert said(programs(tmp_path, "restart", "daphne")).startswith("supervisord did not do it: ")
