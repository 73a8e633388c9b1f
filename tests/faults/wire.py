"""Raw bytes over a socket, for requests that break the protocol."""

from __future__ import annotations

import json
import re
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.faults.malformed import CLOSE, CLOSED, TEXT

SECONDS = 25.0
"""Seconds after which an open connection without an answer counts as a hang."""

LARGEST = 4 * 1024 * 1024  # bytes to read of one answer


@dataclass
class Answer:
    """An HTTP status and `body`, or a close code and `messages`; CLOSED if there was neither."""

    code: int
    body: bytes = b""
    seconds: float = 0.0
    messages: list[Any] = field(default_factory=list)

    @property
    def json(self) -> Any:
        """The body's JSON; None if it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def exchange(port: int, sent: bytes) -> Answer:
    """Send bytes on a connection of their own and read until it ends; TimeoutError if it does not.

    After a successful handshake it is a WebSocket, and the answer is its close code.
    """
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        _send(connection, sent)
        received = _rest(connection, began)
    seconds = time.monotonic() - began
    if received.startswith(b"HTTP/1.1 101"):
        code, messages = frames_of(received.partition(b"\r\n\r\n")[2])
        return Answer(code, seconds=seconds, messages=messages)
    return http_answer(received, seconds)


def talk(port: int, opening: bytes, sent: bytes) -> Answer:
    """Open a WebSocket, send bytes after its snapshot, and read until the server closes."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        connection.sendall(opening)
        received = connection.recv(65536)
        while b'"snapshot"' not in received and (more := connection.recv(65536)):
            received += more
        assert received.startswith(b"HTTP/1.1 101"), received[:200]
        _send(connection, sent)
        received += _rest(connection, began)
    code, messages = frames_of(received.partition(b"\r\n\r\n")[2])
    return Answer(code, seconds=time.monotonic() - began, messages=messages)


def _send(connection: socket.socket, sent: bytes) -> None:
    """Send; a server may close before it has read everything."""
    with suppress(OSError):
        connection.sendall(sent)


def _rest(connection: socket.socket, began: float) -> bytes:
    """The bytes up to the end of the connection or of the answer."""
    received = b""
    while len(received) < LARGEST and not is_whole(received):
        connection.settimeout(max(0.1, began + SECONDS - time.monotonic()))
        try:
            more = connection.recv(65536)
        except ConnectionError:
            break
        if not more:
            break
        received += more
    return received


def is_whole(received: bytes) -> bool:
    """Whether an HTTP answer or a close frame is complete."""
    head, separator, body = received.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 101"):
        return frames_of(body)[0] != CLOSED
    if length := re.search(rb"\r\ncontent-length: (\d+)", head, re.I):
        return len(body) >= int(length[1])
    is_chunked = b"transfer-encoding: chunked" in head.lower()
    return bool(separator) and is_chunked and body.endswith(b"0\r\n\r\n")


def http_answer(received: bytes, seconds: float) -> Answer:
    """The first answer in what was received; chunks joined."""
    head, _, body = received.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    if not head.startswith(b"HTTP/1.") or len(words) < 2:
        # HTTP/0.9 has no head.
        return Answer(200 if b"<!doctype html>" in received else CLOSED, received, seconds)
    if b"transfer-encoding: chunked" in head.lower():
        body = _joined(body)
    return Answer(int(words[1]), body, seconds)


def _joined(chunked: bytes) -> bytes:
    whole = b""
    while chunked:
        size, _, rest = chunked.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            break
        whole, chunked = whole + rest[:length], rest[length + 2 :]
    return whole


def frames_of(received: bytes) -> tuple[int, list[Any]]:
    """The close code, or CLOSED, and the JSON messages in a server's frames."""
    messages: list[Any] = []
    while found := first_frame(received):
        opcode, payload, received = found
        if opcode == CLOSE:
            return close_code(payload), messages
        if opcode == TEXT:
            messages.append(json.loads(payload))
    return CLOSED, messages


def first_frame(received: bytes) -> tuple[int, bytes, bytes] | None:
    """Opcode and payload of a server's frame, which has no mask, and what follows it.

    None while it is incomplete.
    """
    if len(received) < 2:
        return None
    size, start = received[1] & 0x7F, 2
    if size == 126:
        size, start = int.from_bytes(received[2:4], "big"), 4
    elif size == 127:
        size, start = int.from_bytes(received[2:10], "big"), 10
    end = start + size
    if len(received) < end:
        return None
    return received[0] & 0x0F, received[start:end], received[end:]


def close_code(payload: bytes) -> int:
    """Of a close frame; 1005 where it has none (RFC 6455, 7.1.5)."""
    return int.from_bytes(payload[:2], "big") if len(payload) >= 2 else 1005
