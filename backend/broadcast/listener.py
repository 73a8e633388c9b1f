"""Receives the broadcast of a group, as every socket does, and wakes a thread."""

import asyncio
import logging
import threading
from collections.abc import Callable

from broadcast.postgres import PostgresChannelLayer

logger = logging.getLogger(__name__)

PAUSE = 1.0  # seconds until a broadcast that failed is joined again
STOP_LIMIT = 3.0  # seconds


class Listener(threading.Thread):
    """Calls `changed` after each announcement, and whenever some may have been missed."""

    def __init__(self, whose: str, group: str, changed: Callable[[], None]) -> None:
        """`whose` is the name of the listening part, for messages."""
        super().__init__(name=f"{whose} listener", daemon=True)
        self._whose, self._group, self._changed = whose, group, changed
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None

    def run(self) -> None:
        self._task = self._loop.create_task(self._listen())
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            pass
        finally:
            self._loop.close()

    def stop(self) -> None:
        """End it, and wait for that, but not long: a frozen database can hold it."""
        if self._task and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._task.cancel)
        self.join(STOP_LIMIT)

    async def _listen(self) -> None:
        # A layer of this loop's own: the process's shared one belongs to another.
        layer = PostgresChannelLayer()
        level = logging.WARNING
        try:
            while True:
                try:
                    name = await layer.new_channel()
                    await layer.group_add(self._group, name)
                    level = logging.WARNING
                    while True:
                        self._changed()
                        await layer.receive(name)
                except Exception as error:  # the layer's contract names none
                    logger.log(level, "No changes are received for %s: %s", self._whose, error)
                    level = logging.DEBUG  # an outage is one line
                    await asyncio.sleep(PAUSE)
        finally:
            await layer.close()
