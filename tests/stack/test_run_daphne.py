"""Daphne's stop: what was asked is answered, sockets are closed with a code, nobody is cut."""

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

from stack.modes import ROOT
from stack.waiting import wait_until

APP = """
import asyncio

async def application(scope, receive, send):
    if scope["type"] == "http":
        if scope["query_string"]:
            print("asked", flush=True)
            await asyncio.sleep(float(scope["query_string"]))
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
    """The socket that the container's supervisord holds for all of its Daphnes."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as made:
        yield made


@pytest.fixture
def daphne(tmp_path: Path, listener: socket.socket) -> Iterator[subprocess.Popen[str]]:
    (tmp_path / "app.py").write_text(APP, encoding="utf-8")
    argv = [sys.executable, str(ROOT / "docker" / "bin" / "run-daphne"), "--fd", "0"]
    process = subprocess.Popen(
        [*argv, "--verbosity", "0", "app:application"],
        cwd=tmp_path,
        stdin=listener.fileno(),
        stdout=subprocess.PIPE,
        text=True,
    )
    requests.get(url(listener), timeout=30)  # it waits in the queue until Daphne has started
    yield process
    process.kill()
    process.communicate()


def url(listener: socket.socket, scheme: str = "http") -> str:
    return f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/"


@contextlib.contextmanager
def open_socket(listener: socket.socket) -> Iterator[websocket.WebSocket]:
    made = websocket.create_connection(url(listener, "ws"), timeout=10)
    yield made
    made.shutdown()


def close_code(client: websocket.WebSocket) -> int:
    opcode, data = client.recv_data()
    assert opcode == websocket.ABNF.OPCODE_CLOSE
    return int.from_bytes(data[:2], "big")


def test_a_stop_answers_what_was_asked_and_closes_sockets(
    daphne: subprocess.Popen[str], listener: socket.socket
) -> None:
    answers: list[str] = []
    slow = threading.Thread(
        target=lambda: answers.append(requests.get(url(listener) + "?2", timeout=30).text)
    )
    kept = requests.Session()
    kept.get(url(listener), timeout=10)
    with open_socket(listener) as client:
        slow.start()
        assert daphne.stdout
        assert daphne.stdout.readline() == "asked\n"
        daphne.send_signal(signal.SIGTERM)
        assert close_code(client) == 1012
        # A connection that a front has kept is still answered, for the last time.
        last = kept.get(url(listener), timeout=10)
    assert (last.text, last.headers["Connection"]) == ("done", "close")
    said, _ = daphne.communicate(timeout=30)
    slow.join(10)
    assert answers == ["done"]
    assert said.split() == ["disconnected"]
    assert daphne.returncode == 0


def test_who_comes_during_a_stop_is_left_to_another_process(
    daphne: subprocess.Popen[str], listener: socket.socket
) -> None:
    daphne.send_signal(signal.SIGTERM)
    daphne.communicate(timeout=30)
    with socket.create_connection(listener.getsockname(), timeout=10):
        assert listener.accept()


def test_a_front_that_stops_has_the_sockets_closed_and_nothing_else(
    daphne: subprocess.Popen[str], listener: socket.socket
) -> None:
    with open_socket(listener) as client:
        daphne.send_signal(signal.SIGUSR1)
        assert close_code(client) == 1012
    with open_socket(listener):
        assert requests.get(url(listener), timeout=10).text == "done"
    assert daphne.poll() is None


def test_a_client_that_never_answers_the_close_holds_nothing_up(
    daphne: subprocess.Popen[str], listener: socket.socket
) -> None:
    with open_socket(listener):
        daphne.send_signal(signal.SIGTERM)
        wait_until("the end", lambda: daphne.poll() is not None, seconds=8)
