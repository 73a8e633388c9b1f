"""Thousands of connections of misbehaving clients, in a process of their own.

`python -m tests.faults.crowd KIND ADDRESS COUNT SECONDS`, an admin's Cookie header on the first
line of its input. It prints a line of JSON when all are open, and one at the end: after SECONDS,
when its input ends, or when the server has closed every connection. In its own process it does not
slow the clients whose answers are timed.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from collections import Counter

from tests.faults.malformed import CLOSE, PING, PONG, TEXT, frame, handshake
from tests.faults.wire import close_code, first_frame

AT_ONCE = 64
"""Connections that are opened at a time: the crowd is large, not quick."""

DRIP_EVERY = 2.0  # seconds between two bytes of a slow client


class Client(asyncio.Protocol):
    """One connection. `is_there` is true once it holds the resource of its kind."""

    transport: asyncio.Transport
    drip = b""

    def __init__(self, cookie: bytes) -> None:
        self.cookie = cookie
        self.settled = asyncio.get_running_loop().create_future()
        self.ended = asyncio.get_running_loop().create_future()
        self.received = b""

    def opening(self) -> bytes:
        """The first bytes to send."""
        raise NotImplementedError

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.began = time.monotonic()
        transport.write(self.opening())
        if self.drip:
            self.settle()

    def settle(self) -> None:
        if not self.settled.done():
            self.settled.set_result(None)

    def data_received(self, data: bytes) -> None:
        self.received = (self.received + data)[-4096:]

    def outcome(self) -> str:
        """The answer, in a word."""
        if self.received.startswith(b"HTTP/1.1 "):
            return self.received[9:12].decode()
        return "no answer"

    def connection_lost(self, error: Exception | None) -> None:
        self.settle()
        self.ended.set_result((self.outcome(), time.monotonic() - self.began))


class SlowHeaders(Client):
    """A slow loris: a request whose headers never end."""

    drip = b"x"

    def opening(self) -> bytes:
        return b"GET /api/alarm/state/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: "


class SlowBody(Client):
    """A request whose body never ends."""

    drip = b" "

    def opening(self) -> bytes:
        start = b"POST /api/alarm/arm/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n"
        return start + b"Content-Type: application/json\r\n\r\n"


class Mute(Client):
    """A logged-in WebSocket that answers nothing."""

    code = 0
    is_upgraded = False

    def opening(self) -> bytes:
        return handshake().replace(b"@ME@", self.cookie)

    def data_received(self, data: bytes) -> None:
        self.received += data
        if not self.is_upgraded:
            head, separator, frames = self.received.partition(b"\r\n\r\n")
            if not (separator and head.startswith(b"HTTP/1.1 101 ")):
                return
            self.is_upgraded, self.received = True, frames
        while found := first_frame(self.received):
            opcode, payload, self.received = found
            if opcode == CLOSE:
                self.code = close_code(payload)
            elif b'"snapshot"' in payload:
                self.settle()
            else:
                self.answer(opcode, payload)

    def answer(self, opcode: int, payload: bytes) -> None:
        """Send nothing."""

    def outcome(self) -> str:
        return str(self.code) if self.code else super().outcome()


class Anonymous(Mute):
    """An anonymous WebSocket, which never closes its end."""

    def opening(self) -> bytes:
        return handshake().replace(b"@ME@\r\n", b"")


class Idle(Mute):
    """A logged-in WebSocket that follows the protocol and sends nothing."""

    def answer(self, opcode: int, payload: bytes) -> None:
        if b'"ping"' in payload:
            self.transport.write(frame(TEXT, b'{"type":"pong"}'))
        if opcode == PING:
            self.transport.write(frame(PONG, payload))


KINDS = {kind.__name__: kind for kind in (SlowHeaders, SlowBody, Mute, Anonymous, Idle)}


async def gather(kind: type[Client], host: str, count: int, seconds: float, cookie: bytes) -> None:
    """Open all connections, hold them, and report how each ended."""
    loop = asyncio.get_running_loop()
    began, clients, turn = time.monotonic(), [], asyncio.Semaphore(AT_ONCE)

    async def join() -> None:
        async with turn:
            _, client = await loop.create_connection(lambda: kind(cookie), host, 80)
            clients.append(client)
            await client.settled

    opening = [asyncio.create_task(join()) for _ in range(count)]
    dripping = asyncio.create_task(drip_into(clients)) if kind.drip else None
    opened, late = await asyncio.wait(opening, timeout=seconds)
    failures = [error for task in opened if (error := task.exception())]
    for task in late:
        task.cancel()
    held = sum(not client.ended.done() for client in clients)
    tell(
        open=held,
        seconds=time.monotonic() - began,
        late=len(late),
        failures=Counter(map(repr, failures)),
    )
    input_ends = loop.run_in_executor(None, sys.stdin.read)
    all_ended = asyncio.gather(*(client.ended for client in clients))
    left = max(0.0, began + seconds - time.monotonic())
    await asyncio.wait((input_ends, all_ended), timeout=left, return_when=asyncio.FIRST_COMPLETED)
    ended = [client.ended.result() for client in clients if client.ended.done()]
    tell(
        outcomes=Counter(outcome for outcome, _ in ended),
        still_open=Counter(client.outcome() for client in clients if not client.ended.done()),
        longest=max((lasted for _, lasted in ended), default=0.0),
    )
    if dripping:
        dripping.cancel()


async def drip_into(clients: list[Client]) -> None:
    """Send a byte on each connection, repeatedly."""
    while True:
        await asyncio.sleep(DRIP_EVERY)
        for client in clients:
            if not client.transport.is_closing():
                client.transport.write(client.drip)


def tell(**facts: object) -> None:
    print(json.dumps(facts), flush=True)


def main() -> None:
    kind, host, count, seconds = sys.argv[1:]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and hard < int(count) + 100:
        sys.exit(
            f"This machine allows a process {hard} open files: too few for {count} connections."
        )
    cookie = sys.stdin.readline().strip().encode()
    asyncio.run(gather(KINDS[kind], host, int(count), float(seconds), cookie))
    # Else the thread that reads standard input keeps the process alive.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
