"""run-daphne stops gracefully: requests are answered, WebSockets get a close frame."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import websocket

from stack.config.modes import ROOT
from stack.core.polling import wait_until

APP = """
import asyncio

async def application(scope, receive, send):
    if scope["query_string"]:
        print("asked", flush=True)
        await asyncio.sleep(float(scope["query_string"]))
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass
    print("disconnected", flush=True)
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """The socket that supervisord shares among the Daphne processes."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as made:
        yield made


@pytest.fixture
def server(tmp_path: Path, listener: socket.socket) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    program = ROOT / "docker" / "prod" / "bin" / "run-daphne"
    process = subprocess.Popen(
        [sys.executable, str(program), "0", "--fd", "0", "--verbosity", "0", "app:application"],
        cwd=tmp_path,
        stdin=listener.fileno(),
        stdout=subprocess.PIPE,
        text=True,
    )
    requests.get(url(listener), timeout=30)  # waits in the queue until the server runs
    yield process
    process.kill()
    process.communicate()


def url(listener: socket.socket, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/"


@contextlib.contextmanager
def open_socket(listener: socket.socket, query: str = "") -> Iterator[websocket.WebSocket]:
    made = websocket.create_connection(url(listener, "ws") + query, timeout=10)
    yield made
    made.shutdown()


def close_code(client: websocket.WebSocket) -> int:
    opcode, data = client.recv_data()
    assert opcode == websocket.ABNF.OPCODE_CLOSE
    return int.from_bytes(data[:2], "big")


def test_a_stop_answers_requests_and_closes_sockets(
    server: subprocess.Popen[str], listener: socket.socket
) -> None:
    answers: list[str] = []
    slow = threading.Thread(
        target=lambda: answers.append(requests.get(url(listener) + "?2", timeout=30).text)
    )
    kept = requests.Session()
    kept.get(url(listener), timeout=10)
    with open_socket(listener) as client:
        slow.start()
        assert server.stdout
        assert server.stdout.readline() == "asked\n"
        server.send_signal(signal.SIGTERM)
        assert close_code(client) == 4012
        # The last response of a connection that a reverse proxy keeps.
        last = kept.get(url(listener), timeout=10)
    assert (last.text, last.headers["Connection"]) == ("done", "close")
    said, _ = server.communicate(timeout=30)
    slow.join(10)
    assert answers == ["done"]
    assert said.split() == ["disconnected"]
    assert server.returncode == 0


def test_a_connection_during_a_stop_goes_to_another_process(
    server: subprocess.Popen[str], listener: socket.socket
) -> None:
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=30)
    with socket.create_connection(listener.getsockname(), timeout=10):
        assert listener.accept()


def test_sigusr1_closes_the_sockets_and_nothing_else(
    server: subprocess.Popen[str], listener: socket.socket
) -> None:
    with open_socket(listener) as client:
        server.send_signal(signal.SIGUSR1)
        assert close_code(client) == 4012
    with open_socket(listener):
        assert requests.get(url(listener), timeout=10).text == "done"
    assert server.poll() is None


def test_a_client_that_never_answers_the_close_frame_does_not_delay_the_stop(
    server: subprocess.Popen[str], listener: socket.socket
) -> None:
    with open_socket(listener):
        server.send_signal(signal.SIGTERM)
        wait_until("the end", lambda: server.poll() is not None, seconds=8)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_a_socket_in_its_handshake_is_closed(
    server: subprocess.Popen[str], listener: socket.socket, number: signal.Signals
) -> None:
    codes: list[int] = []

    def connect() -> None:
        with open_socket(listener, "?1") as client:
            codes.append(close_code(client))

    connecting = threading.Thread(target=connect)
    connecting.start()
    assert server.stdout
    assert server.stdout.readline() == "asked\n"
    server.send_signal(number)
    connecting.join(20)
    assert codes == [4012]


def test_a_request_longer_than_the_limit_is_dropped(
    server: subprocess.Popen[str], listener: socket.socket
) -> None:
    errors: list[Exception] = []

    def ask() -> None:
        try:
            requests.get(url(listener) + "?60", timeout=30)
        except requests.RequestException as error:
            errors.append(error)

    asking = threading.Thread(target=ask)
    asking.start()
    assert server.stdout
    assert server.stdout.readline() == "asked\n"
    server.send_signal(signal.SIGTERM)
    wait_until("the end", lambda: server.poll() is not None, seconds=8)
    asking.join(20)
    assert server.returncode == 0
    assert [type(error) for error in errors] == [requests.ConnectionError]
