"""Threads for blocking code that async code calls."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection

Result = TypeVar("Result")

# Not the event loop's own threads: those look up host names, to reach the database again, too.
threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="database")
# Checks of health, for which anyone may ask, do not take the threads that sockets and pages use.
health_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="health")


async def in_thread(
    function: Callable[..., Result], *arguments: Any, pool: ThreadPoolExecutor = threads
) -> Result:
    """Return `function(*arguments)`, run in a thread that returns its connection afterwards.

    A cancelled call does not wait for its thread. `sync_to_async` does, for ever if the database is
    frozen, and it keeps the connection, which empties the pool.
    """

    def work() -> Result:
        try:
            return function(*arguments)
        finally:
            connection.close()

    return await asyncio.get_running_loop().run_in_executor(pool, work)
