"""Threads for blocking code that async code calls."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection

Result = TypeVar("Result")

# Not the event loop's own threads: those look up host names, also for reaching the database again.
threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="database")


async def in_thread(function: Callable[..., Result], *arguments: Any) -> Result:
    """Return `function(*arguments)`, run in a thread whose connection is given back afterwards.

    The thread may be left behind. `sync_to_async`, when cancelled, waits for its own: for ever, if
    the database is frozen. And it leaves the connection taken, which empties the pool.
    """

    def work() -> Result:
        try:
            return function(*arguments)
        finally:
            connection.close()

    return await asyncio.get_running_loop().run_in_executor(threads, work)
