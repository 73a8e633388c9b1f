"""python -m tests.bench.socket_client PORT COUNT: hold WebSockets and time the arrival of changes.

Each line on standard input is one order, and each answer is one line of JSON. `open KEY…` connects
the sockets with these sessions in turn; `change` arms the alarm and returns the seconds until each
socket got the change; `wait SEQUENCE` returns the number of sockets that got the change with that
number; `count` returns the number of open sockets; `quit` ends.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import resource
import sys
import time

from websockets.asyncio.client import ClientConnection, connect

from stack.compose.address import Address
from tests.support.panel import Panel

AT_ONCE = 50
"""Handshakes at the same time."""

LIMIT = 60.0
"""Seconds after which a change counts as lost."""


PING = '{"type":"ping"}'
CHANGE = re.compile(r'\{"type":"change","sequence":([0-9]+)')
"""Parsing each whole message takes longer than the measured time."""


class Sockets:
    """The sockets, and the time at which each got a change."""

    def __init__(self, port: int, count: int) -> None:
        self.port, self.count = port, count
        self.panel = Panel(Address("127.0.0.1", port), seconds=LIMIT)
        self.readers: list[asyncio.Task[None]] = []
        self.held = 0
        self.seen: dict[int, list[float]] = {}
        self.failed: list[str] = []

    async def open(self, cookies: list[str]) -> dict[str, object]:
        """Connect all of them, and wait for each one's snapshot."""
        self.panel.http.cookies.set(*cookies[0].split("=", 1))
        started = time.monotonic()
        turn = asyncio.Semaphore(AT_ONCE)
        each = zip(range(self.count), itertools.cycle(cookies), strict=False)
        await asyncio.gather(*(self._open_one(cookie, turn) for _number, cookie in each))
        seconds = time.monotonic() - started
        return {"held": self.held, "seconds": seconds, "failed": self.failed[:3]}

    async def _open_one(self, cookie: str, turn: asyncio.Semaphore) -> None:
        async with turn:
            try:
                socket = await connect(
                    f"ws://127.0.0.1:{self.port}/ws/alarm/",
                    additional_headers={"Cookie": cookie},
                    proxy=None,
                    compression=None,
                    ping_interval=None,
                    open_timeout=LIMIT,
                    max_queue=None,
                )
                first = json.loads(await asyncio.wait_for(socket.recv(), LIMIT))
            except Exception as error:
                self.failed.append(repr(error))
                return
        if first["type"] != "snapshot":
            self.failed.append(str(first))
            return
        self.held += 1
        self.readers.append(asyncio.create_task(self._read(socket)))

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for text in socket:
                if change := CHANGE.match(str(text)):
                    self.seen.setdefault(int(change[1]), []).append(time.monotonic())
                elif text == PING:
                    await socket.send('{"type":"pong"}')
        finally:
            self.held -= 1

    async def change(self) -> list[float]:
        """Seconds from the request until each socket got the change. Disarms afterwards."""
        started = time.monotonic()
        answer = await asyncio.to_thread(self.panel.arm, "home")
        answer.raise_for_status()
        arrived = await self.wait(answer.json()["sequence"])
        await asyncio.to_thread(self.panel.disarm)
        state = await asyncio.to_thread(self.panel.get, "/api/alarm/state/")
        await self.wait(state.json()["sequence"])
        return [at - started for at in arrived]

    async def wait(self, sequence: int) -> list[float]:
        """The time at which each socket got the change, once all have it or LIMIT has passed."""
        limit = time.monotonic() + LIMIT
        while len(self.seen.get(sequence, ())) < self.held and time.monotonic() < limit:
            await asyncio.sleep(0.01)
        return self.seen.pop(sequence, [])

    async def obey(self, order: str) -> dict[str, object]:
        match order.split():
            case ["open", *keys]:
                return await self.open(keys)
            case ["change"]:
                return {"seconds": await self.change(), "held": self.held}
            case ["wait", sequence]:
                return {"told": len(await self.wait(int(sequence)))}
            case _:
                return {"held": self.held}


async def main(port: str, count: str) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sockets = Sockets(int(port), int(count))
    loop = asyncio.get_running_loop()
    while (order := (await loop.run_in_executor(None, sys.stdin.readline)).strip()) != "quit":
        print(json.dumps(await sockets.obey(order)), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
