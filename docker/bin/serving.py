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
# As many objects more than there were, until Python looks for garbage among the new ones; as many
# of these looks, until one also at what was new then; and of those, until it looks everywhere.
GARBAGE_EVERY = (20_000, 10, 10)


def begin() -> None:
    """Look for garbage from now on, and never among what is loaded.

    Each ping of a socket replaces objects by newer ones, which Python does not count. So with 5,000
    sockets a look at the new takes 10 ms, one at those before 60, everywhere 700; and nothing else
    is done meanwhile. At Python's own pace (2,000; 700 before 3.13) that was a tenth of the time.
    """
    gc.freeze()
    gc.set_threshold(*GARBAGE_EVERY)
    gc.enable()


async def until_limit() -> AsyncIterator[float]:
    """Yield the time again and again, until LIMIT has passed."""
    limit = time.monotonic() + LIMIT
    while (now := time.monotonic()) < limit:
        yield now
        await asyncio.sleep(LOOK_EVERY)
