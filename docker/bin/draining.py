"""What run-daphne and run-uvicorn promise alike to their clients when they are told to stop."""

import asyncio
import time
from collections.abc import AsyncIterator

SERVICE_RESTART = 1012  # https://www.iana.org/assignments/websocket/websocket.xhtml
REASON = "The panel restarts."
LIMIT = 6.0  # seconds; less than supervisord's stopwaitsecs
QUIET = 0.5  # seconds without anything to do after which nothing more will come
LOOK_EVERY = 0.02  # seconds


async def until_limit() -> AsyncIterator[float]:
    """Yield the time again and again, until LIMIT has passed."""
    limit = time.monotonic() + LIMIT
    while (now := time.monotonic()) < limit:
        yield now
        await asyncio.sleep(LOOK_EVERY)
