"""Threads that are lent to requests."""

import asyncio
import threading

import pytest
from asgiref.sync import sync_to_async

from config.threads import KEPT, LentThreads


class Application:
    """Answers with the thread that its blocking code ran in, when `may_end` says so."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self.may_end = threading.Event()

    async def __call__(self, scope, receive, send) -> None:
        await sync_to_async(self.work)()

    def work(self) -> None:
        self.threads.append(threading.current_thread())
        self.may_end.wait(20)


async def until(condition) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    pytest.fail("It did not happen.")


async def test_requests_in_turn_run_in_one_thread_and_at_the_same_time_in_as_many():
    application = Application()
    lent = LentThreads(application)
    application.may_end.set()
    for _ in range(3):
        await lent({}, None, None)
    assert len(set(application.threads)) == 1

    application.may_end.clear()
    requests = [asyncio.create_task(lent({}, None, None)) for _ in range(KEPT + 2)]
    await until(lambda: len(application.threads) == 3 + KEPT + 2)
    application.may_end.set()
    await asyncio.gather(*requests)
    assert len(set(application.threads)) == KEPT + 2
    await until(lambda: sum(thread.is_alive() for thread in set(application.threads)) == KEPT)


async def test_a_thread_is_not_lent_again_after_its_request_was_cancelled():
    application = Application()
    lent = LentThreads(application)
    request = asyncio.create_task(lent({}, None, None))
    await until(lambda: application.threads)
    request.cancel()
    application.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await request
    await lent({}, None, None)
    first, second = application.threads
    assert first is not second
    await until(lambda: not first.is_alive())
