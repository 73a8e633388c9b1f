"""python -m tests.cluster.load.pages: hold WebSockets as pages do, and connect again as they do.

In a process of its own, so that it does not slow the clients whose answers are timed. The first
line on standard input is JSON: `{"cookie": HEADER, "count": NUMBER, "urls": [URL, …]}`. The pages
are spread over the addresses, and each keeps to its own. Each further line is one order, and each
answer is one line of JSON with its word: `live`, the number of pages with a snapshot at each
address; `outages`, all of them so far, each as `[address's number, what ended it, when the last
message came, when the next snapshot came or null]`, in seconds of the kernel's monotonic clock.
"""

from __future__ import annotations

import asyncio
import json
import random
import resource
import sys
import time
from contextlib import nullcontext
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Origin

from tests.bench.socket_client import AT_ONCE, CHANGE, PING
from tests.faults.clients import Browser

RESUMED = '{"type": "resumed"'
SNAPSHOT = '{"type": "snapshot"'
ERROR = '{"type": "error"'


class Lost(Exception):
    """The connection is no use any more; the text is a word for it."""


class Page:
    """One page, with the pauses of frontend/src/live/connection.ts."""

    def __init__(self, home: int, url: str, cookie: str) -> None:
        self.home, self.url, self.cookie = home, url, cookie
        self.is_live, self.is_new = False, True
        self.failures = 0
        self.sequence = 0
        self.heard_at = self.current_at = time.monotonic()
        self.outages: list[list[Any]] = []

    async def live(self, turn: asyncio.Semaphore) -> None:
        """Connect again and again."""
        while True:
            try:
                await self._connect_and_listen(turn)
            except (Lost, OSError, WebSocketException, TimeoutError) as error:
                self._lose(_word(error))
            longest = min(Browser.LONGEST_RETRY, Browser.FIRST_RETRY * 2**self.failures)
            self.failures += 1
            await asyncio.sleep(longest * (0.5 + random.random() / 2))

    def _lose(self, what: str) -> None:
        if self.is_live:
            self.is_live = False
            self.outages.append([self.home, what, self.heard_at, None])

    async def _connect_and_listen(self, turn: asyncio.Semaphore) -> None:
        # At the test's begin all connect in one moment; later in their own time, as pages do.
        async with turn if self.is_new else nullcontext():
            socket = await self._connect()
        try:
            await self._listen(socket)
        finally:
            # A closing handshake would wait for an end that may have vanished.
            socket.transport.abort()

    async def _connect(self) -> ClientConnection:
        """Connect, and take the snapshot."""
        async with asyncio.timeout(Browser.SNAPSHOT_WITHIN):
            socket = await connect(
                "ws" + self.url.removeprefix("http") + "/ws/alarm/",
                origin=Origin(self.url),
                additional_headers={"Cookie": self.cookie},
                proxy=None,
                compression=None,
                ping_interval=None,
                open_timeout=None,
                max_queue=None,
            )
            try:
                self._accept(str(await socket.recv()))
            except BaseException:
                socket.transport.abort()
                raise
        return socket

    def _accept(self, text: str) -> None:
        if not text.startswith(SNAPSHOT):
            raise Lost(_error(text))
        self.heard_at = self.current_at = time.monotonic()
        self.sequence = json.loads(text)["sequence"]
        self.is_live, self.is_new, self.failures = True, False, 0
        if self.outages and self.outages[-1][3] is None:
            self.outages[-1][3] = self.heard_at

    async def _listen(self, socket: ClientConnection) -> None:
        """Until it is lost. Silence leads to a ping, or a resume, and then to an end."""
        loop = asyncio.get_running_loop()
        patience, is_asked, resumes = Browser.PING_AFTER, False, False
        while True:
            try:
                async with asyncio.timeout(patience) as limit:
                    async for text in socket:
                        await self._hear(socket, str(text))
                        if resumes and not str(text).startswith(RESUMED):
                            continue
                        is_asked = resumes = False
                        limit.reschedule(loop.time() + Browser.PING_AFTER)
                raise Lost(f"closed {socket.close_code}")
            except TimeoutError:
                if is_asked:
                    raise Lost("silent") from None
            is_asked = True
            resumes = time.monotonic() - self.current_at >= Browser.RESUME_AFTER
            resume = json.dumps({"type": "resume", "since": self.sequence})
            await socket.send(resume if resumes else '{"type":"ping"}')
            patience = Browser.RESUMED_WITHIN if resumes else Browser.PONG_WITHIN

    async def _hear(self, socket: ClientConnection, text: str) -> None:
        self.heard_at = time.monotonic()
        if change := CHANGE.match(text):
            self.sequence, self.current_at = int(change[1]), self.heard_at
        elif text.startswith(RESUMED):
            self.current_at = self.heard_at
        elif text == PING:
            await socket.send('{"type":"pong"}')
        elif text.startswith(ERROR):
            raise Lost(_error(text))


def _error(text: str) -> str:
    return f"closed {json.loads(text).get('code', '?')}"


def _word(error: BaseException) -> str:
    if isinstance(error, InvalidStatus):
        return f"HTTP {error.response.status_code}"
    if isinstance(error, ConnectionClosed) and error.rcvd:
        return f"closed {error.rcvd.code}"
    if isinstance(error, Lost):
        return str(error)
    return "silent" if isinstance(error, TimeoutError) else "cut"


def _obey(order: str, pages: list[Page], homes: int) -> object:
    match order:
        case "live":
            return [sum(p.is_live for p in pages if p.home == home) for home in range(homes)]
        case "outages":
            return [outage for page in pages for outage in page.outages]
        case _:
            raise ValueError(order)


async def main() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    loop = asyncio.get_running_loop()
    given = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    urls, turn = given["urls"], asyncio.Semaphore(AT_ONCE)
    pages = [
        Page(number % len(urls), urls[number % len(urls)], given["cookie"])
        for number in range(given["count"])
    ]
    tasks = [asyncio.create_task(page.live(turn)) for page in pages]
    while order := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        for task in tasks:
            if task.done():
                task.result()  # a defect of this client must not pass for an outage
        print(json.dumps({order: _obey(order, pages, len(urls))}), flush=True)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
