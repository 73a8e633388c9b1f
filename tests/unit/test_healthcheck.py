"""The health check: a reverse proxy that answers well, badly, or not at all."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from stack.config.modes import ROOT

HEALTHY = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{}"
STARTING = b'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\n\r\n{"code": "not_ready"}'


@contextmanager
def server(answer: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers one request with these bytes; its port and the request."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with listening.accept()[0] as client, client.makefile("rb") as lines:
                asked.append(b"".join(iter(lines.readline, b"\r\n")))
                client.sendall(answer)

        serving = threading.Thread(target=serve)
        serving.start()
        yield listening.getsockname()[1], asked
        serving.join(10)


def check(port: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "docker" / "common" / "bin" / "healthcheck"],
        env={"PATH": "/usr/bin:/bin", "REVERSE_PROXY_PORT": str(port), "HEALTH_PATH": "/ready/"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_good_answer_is_healthy_without_output() -> None:
    with server(HEALTHY) as (port, asked):
        done = check(port)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert asked[0].startswith(b"GET /ready/ HTTP/1.0\r\nHost: 127.0.0.1:")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (STARTING, '/ready/ answered 503: {"code": "not_ready"}\n'),
        (b"nonsense\r\n", "/ready/ answered no HTTP: \n"),
        (b"", "no answer through port PORT: none within 2.5 s\n"),
    ],
)
def test_any_other_answer_is_unhealthy_in_one_line(answer: bytes, said: str) -> None:
    with server(answer) as (port, _asked):
        done = check(port)
    assert (done.returncode, done.stderr) == (1, said.replace("PORT", str(port)))


def test_a_closed_connection_is_unhealthy_in_one_line() -> None:
    """Early or late, because the request is written line by line."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        for _ in range(20):
            hanging_up = threading.Thread(target=lambda: listening.accept()[0].close())
            hanging_up.start()
            done = check(port)
            hanging_up.join(10)
            said = f"no answer through port {port}: none within 2.5 s\n"
            assert (done.returncode, done.stderr) == (1, said)


def test_a_closed_port_and_silence_are_unhealthy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert check(port).stderr == f"no answer through port {port}: none within 2.5 s\n"
    refused = check(port)
    assert refused.returncode == 1
    assert refused.stderr == f"no answer through port {port}: connection refused\n"
