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
GARBAGE = 10_000  # objects more than before, after which Python looks for some


def begin() -> None:
    """Look for garbage from now on, and never among what is loaded.

    At Python's own pace requests under way are looked at again and again, and soon count as old, so
    that with 5,000 sockets all of them were looked through every 40 s, for 0.7 s.
    """
    gc.freeze()
    gc.set_threshold(GARBAGE)
    gc.enable()


async def until_limit() -> AsyncIterator[float]:
    """Yield the time again and again, until LIMIT has passed."""
    limit = time.monotonic() + LIMIT
    while (now := time.monotonic()) < limit:
        yield now
        await asyncio.sleep(LOOK_EVERY)
