"""python -m tests.bench.socket_client URL COUNT COOKIE: hold WebSockets, and time what arrives.

It is driven by lines: each line on standard input is one order, each answer one line of JSON.
`open` connects; `wait SEQUENCE` tells when each socket got the change with that number, in the
clock that all processes of a machine share; `count` tells how many are held; `quit` ends.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sys
import time

from websockets.asyncio.client import ClientConnection, connect

ADDRESSES = 250
"""As many clients as there are addresses: one alone would be held back by limits for each."""

AT_ONCE = 50
"""Handshakes that are under way at the same time."""

LIMIT = 60.0
"""Seconds that a change may take to arrive before it counts as lost."""


PING = '{"type":"ping"}'
CHANGE = re.compile(r'\{"type":"change","sequence":([0-9]+)')
"""To parse all of each message would take longer than what is measured."""


class Sockets:
    """The sockets, and when each saw which change."""

    def __init__(self, url: str, count: int, cookie: str) -> None:
        self.url, self.count, self.cookie = url, count, cookie
        self.readers: list[asyncio.Task[None]] = []
        self.held = 0
        self.seen: dict[int, list[float]] = {}
        self.failed: list[str] = []

    async def open(self) -> dict[str, object]:
        """Connect all of them, and wait for each one's snapshot."""
        started = time.monotonic()
        turn = asyncio.Semaphore(AT_ONCE)
        await asyncio.gather(*(self._open_one(number, turn) for number in range(self.count)))
        seconds = time.monotonic() - started
        return {"held": self.held, "seconds": seconds, "failed": self.failed[:3]}

    async def _open_one(self, number: int, turn: asyncio.Semaphore) -> None:
        address = f"127.0.1.{number % ADDRESSES + 1}"
        async with turn:
            try:
                socket = await connect(
                    self.url,
                    additional_headers={"Cookie": self.cookie},
                    local_addr=(address, 0),
                    proxy=None,
                    compression=None,
                    ping_interval=None,
                    open_timeout=LIMIT,
                    max_queue=None,
                )
                first = json.loads(await socket.recv())
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

    async def wait(self, sequence: int) -> dict[str, object]:
        """When each socket got the change, as soon as all have it or LIMIT is over."""
        limit = time.monotonic() + LIMIT
        while len(self.seen.get(sequence, ())) < self.held and time.monotonic() < limit:
            await asyncio.sleep(0.01)
        return {"held": self.held, "at": self.seen.pop(sequence, [])}

    async def obey(self, order: str) -> dict[str, object]:
        match order.split():
            case ["open"]:
                return await self.open()
            case ["wait", sequence]:
                return await self.wait(int(sequence))
            case _:
                return {"held": self.held}


async def main(url: str, count: str, cookie: str) -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sockets = Sockets(url, int(count), cookie)
    loop = asyncio.get_running_loop()
    while (order := (await loop.run_in_executor(None, sys.stdin.readline)).strip()) != "quit":
        print(json.dumps(await sockets.obey(order)), flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
