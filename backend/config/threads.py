"""Runs database code of async callers in threads that may be left behind.

`sync_to_async`, when cancelled, waits for its thread: for ever, if the database is frozen. And it
leaves the thread's connection taken, which empties the pool.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")

# Not the event loop's own threads: those look up host names, also for reaching the database again.
threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="database")


async def in_thread(function: Callable[..., Result], *arguments) -> Result:
    """Return `function(*arguments)`, run in a thread whose connection is given back afterwards."""

    def work() -> Result:
        try:
            return function(*arguments)
        finally:
            connection.close()

    return await asyncio.get_running_loop().run_in_executor(threads, work)
