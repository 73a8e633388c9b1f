"""The threads of code that blocks: of async callers, and of Django's views."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from asgiref.sync import ThreadSensitiveContext
from django.db import connection

Result = TypeVar("Result")

# Not the event loop's own threads: those look up host names, also for reaching the database again.
threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="database")

KEPT = 8  # threads that wait for the next request


async def in_thread(function: Callable[..., Result], *arguments) -> Result:
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


class LentThreads:
    """ASGI application that lends another a thread for each request.

    Django would start one and, to end it, one more. Of one that has served before, the database's
    wrapper is there already; its connection has gone back to the pool.
    """

    def __init__(self, application) -> None:
        self.application = application
        self.idle: list[ThreadPoolExecutor] = []

    async def __call__(self, scope, receive, send) -> None:
        thread = self.idle.pop() if self.idle else ThreadPoolExecutor(1, "request")
        is_idle = False
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.application(scope, receive, send)
            is_idle = True  # which it may not be when the request was cancelled
        finally:
            if is_idle and len(self.idle) < KEPT:
                self.idle.append(thread)
            else:
                thread.shutdown(wait=False)
