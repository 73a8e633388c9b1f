"""What run-daphne and run-uvicorn have in common: their beginning, and what a stop promises."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator

SERVICE_RESTART = 1012  # https://www.iana.org/assignments/websocket/websocket.xhtml
REASON = "The panel restarts."
LIMIT = 6.0  # seconds; less than supervisord's stopwaitsecs
QUIET = 0.5  # seconds without anything to do after which nothing more will come
LOOK_EVERY = 0.02  # seconds
ROUNDS = 100  # looks at what is younger, before Python looks through everything for garbage


def begin() -> None:
    """Look for garbage from now on, and never among what is loaded.

    A look through everything takes 0.7 s where 5,000 sockets are open, and nothing else is done
    meanwhile. At Python's own pace, 10 rounds, it came every minute.
    """
    young, middle, _ = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(young, middle, ROUNDS)
    gc.enable()


async def until_limit() -> AsyncIterator[float]:
    """Yield the time again and again, until LIMIT has passed."""
    limit = time.monotonic() + LIMIT
    while (now := time.monotonic()) < limit:
        yield now
        await asyncio.sleep(LOOK_EVERY)
