"""docker/bin/programs, asked of a supervisord that says no."""

from __future__ import annotations

import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xmlrpc.client import Fault, dumps
from xmlrpc.server import SimpleXMLRPCDispatcher

from stack.config.modes import ROOT


@contextmanager
def supervisord(run_dir: Path, answer: bytes) -> Iterator[None]:
    """Somebody at supervisord's socket who gives the same answer to every request."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.request.recv(65536)
            self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\n" + answer)

    path = str(run_dir / "supervisor.sock")
    with socketserver.UnixStreamServer(path, Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        try:
            yield
        finally:
            server.shutdown()


def programs(run_dir: Path, *words: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, str(ROOT / "docker" / "bin" / "programs"), *words]
    env = {**os.environ, "RUN_DIR": str(run_dir)}
    return subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)


def refusal() -> bytes:
    """What supervisord answers while it ends."""
    dispatcher = SimpleXMLRPCDispatcher()

    def refuse() -> None:
        raise Fault(6, "SHUTDOWN_STATE")

    dispatcher.register_function(refuse, "refuse")
    return dispatcher._marshaled_dispatch(dumps((), "refuse"))


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def test_a_supervisord_that_ends_refuses(tmp_path: Path) -> None:
    with supervisord(tmp_path, refusal()):
        line = said(programs(tmp_path))
        assert line == "supervisord did not do it: SHUTDOWN_STATE"
        assert "SHUTDOWN_STATE" in said(programs(tmp_path, "start"))


def test_an_answer_that_is_none(tmp_path: Path) -> None:
    with supervisord(tmp_path, b"<methodResponse>"):
        assert said(programs(tmp_path)).startswith("supervisord did not do it: ")


def test_nobody_is_there(tmp_path: Path) -> None:
    assert said(programs(tmp_path)).startswith("supervisord did not do it: ")
    assert said(programs(tmp_path, "restart", "daphne")).startswith("supervisord did not do it: ")
