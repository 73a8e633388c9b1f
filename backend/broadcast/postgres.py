"""A channel layer over PostgreSQL's LISTEN/NOTIFY: no service besides the database.

`group_send` publishes one NOTIFY on the Django connection. One LISTEN connection per process hands
what arrives to the groups of that process. Nothing is stored: after an outage every member of every
group receives `{"type": "resync"}` and reads the current state itself, so each consumer that joins
a group has a method `resync`.

`send` to a single channel reaches channels of this process only.
"""

import asyncio
import contextlib
import contextvars
import json
import logging
import uuid
from typing import Any, cast

import psycopg
from channels.db import database_sync_to_async
from channels.layers import BaseChannelLayer, get_channel_layer
from django.conf import settings
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper

from core.threads import in_thread

logger = logging.getLogger(__name__)

NOTIFY_CHANNEL = "broadcast"
LARGEST_PAYLOAD = 7999  # bytes; PostgreSQL: "must be shorter than 8000 bytes"
LISTEN_LIMIT = 2.0  # seconds that joining a group waits for the LISTEN connection
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 3.0  # seconds between attempts to connect


class PostgresChannelLayer(BaseChannelLayer):
    """Channel layer whose groups span all processes of one database.

    A membership does not expire: a panel on a wall stays connected for years. A consumer that ends
    leaves its groups and calls `forget`.
    """

    extensions = ["groups", "flush"]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.channels: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self.groups: dict[str, set[str]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    # --- The channel layer's interface ----------------------------------------------------------

    async def new_channel(self, prefix: str = "specific") -> str:
        return f"{prefix}.postgres!{uuid.uuid4().hex}"

    async def receive(self, channel: str) -> dict[str, Any]:
        """Return the next message of a channel; members of a group share it, unchanged."""
        self.require_valid_channel_name(channel)
        queue = self._queue(channel)
        try:
            return await queue.get()
        finally:
            if queue.empty():
                self.forget(channel)

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        """Queue a message; a full queue loses its oldest, because the newest state counts."""
        self.require_valid_channel_name(channel)
        self._put(channel, message)

    async def group_add(self, group: str, channel: str) -> None:
        """Join once this process listens, so that nothing falls between joining and reading.

        Without a database, join all the same: the resync after reconnecting brings the state.
        """
        self.require_valid_group_name(group)
        self.require_valid_channel_name(channel)
        self._start_listening()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._listening.wait(), LISTEN_LIMIT)
        self.groups.setdefault(group, set()).add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        members = self.groups.get(group, set())
        members.discard(channel)
        if not members:
            self.groups.pop(group, None)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Publish to all processes; called from within a transaction it is sent on commit."""
        await database_sync_to_async(self.publish)(group, message)

    def forget(self, channel: str) -> None:
        """Drop a channel with the messages that wait in it."""
        self.channels.pop(channel, None)

    async def flush(self) -> None:
        self.channels.clear()
        self.groups.clear()

    async def close(self) -> None:
        if self._task and self._loop is asyncio.get_running_loop():
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._task = None

    # --- Publishing -----------------------------------------------------------------------------

    def publish(self, group: str, message: dict[str, Any]) -> None:
        """Publish on this thread's Django connection; raises ValueError if it is too large."""
        self.require_valid_group_name(group)
        payload = json.dumps({"group": group, "message": message}, separators=(",", ":"))
        size = len(payload.encode())
        if size > LARGEST_PAYLOAD:
            raise ValueError(
                f"A message to {group} has {size} bytes and NOTIFY carries {LARGEST_PAYLOAD}: "
                "send an identifier and let the receiver read the rest."
            )
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [NOTIFY_CHANNEL, payload])

    def _put(self, channel: str, message: dict[str, Any]) -> None:
        queue = self._queue(channel)
        if queue.full():
            queue.get_nowait()
        queue.put_nowait(message)

    def _queue(self, channel: str) -> asyncio.Queue[dict[str, Any]]:
        if channel not in self.channels:
            self.channels[channel] = asyncio.Queue(self.get_capacity(channel))
        return self.channels[channel]

    # --- Listening ------------------------------------------------------------------------------

    def _start_listening(self) -> None:
        """Start the listener in the running loop, unless it runs there already."""
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._loop is not loop:
            self._loop, self._listening = loop, asyncio.Event()
            # An empty context: the task outlives the request or socket that starts it.
            self._task = loop.create_task(
                self._listen(self._listening), context=contextvars.Context()
            )

    async def _listen(self, listening: asyncio.Event) -> None:
        """Listen for ever, connecting again after each failure."""
        pause = FIRST_PAUSE
        level = logging.WARNING
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**listen_parameters()) as listener:
                    await listener.execute(f"LISTEN {NOTIFY_CHANNEL}")
                    logger.info("Listening for broadcasts.")
                    pause, level = FIRST_PAUSE, logging.WARNING
                    await in_thread(discard_dead_connections)
                    listening.set()
                    self._resynchronise()
                    async for notification in listener.notifies():
                        self._deliver(notification.payload)
            except (psycopg.Error, OSError) as error:
                logger.log(level, "Broadcasts are interrupted, trying again: %s", error)
                level = logging.DEBUG  # an outage is one line, however long it lasts
            except Exception:
                logger.exception("The listener failed, starting it again.")
            listening.clear()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _resynchronise(self) -> None:
        """Tell every member of a group to read the current state."""
        members = {channel for channels in self.groups.values() for channel in channels}
        for channel in members:
            self._put(channel, {"type": "resync"})

    def _deliver(self, payload: str) -> None:
        """Hand a notification to the members of its group in this process."""
        try:
            envelope = json.loads(payload)
            group, message = envelope["group"], envelope["message"]
        except (ValueError, TypeError, KeyError):
            logger.warning("Ignored a notification that is not a broadcast: %.100s", payload)
        else:
            for channel in self.groups.get(group, ()):
                self._put(channel, message)


def discard_dead_connections() -> None:
    """Test the pool's idle connections: what cut off the listener cut them off as well.

    A dead connection would fail a request, or a member that reads the state.
    """
    pool = cast(DatabaseWrapper, connection).pool
    if pool and not pool.closed:
        pool.check()


def listen_parameters() -> dict[str, Any]:
    """Return the parameters of a session with the server itself, never with a pooler."""
    if settings.DATABASE.has_pooler:
        parameters = settings.DATABASE.listening()
    else:
        parameters = connection.get_connection_params()
        for name in ("cursor_factory", "context"):  # of Django's own cursors and adapters
            parameters.pop(name)
    return {**parameters, "autocommit": True, "application_name": "alarm broadcast"}


def channel_layer() -> PostgresChannelLayer:
    return cast(PostgresChannelLayer, get_channel_layer())
