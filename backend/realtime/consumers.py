"""The alarm over a WebSocket: a snapshot, then each change (docs/websocket.md)."""

import asyncio
import json
import logging
import math
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from autobahn.exception import Disconnected
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError, InterfaceError

from alarm import changes
from broadcast import channel_layer
from core.threads import in_thread
from outputs.serializers import as_heard
from people import session_keys
from people.sessions import person_group
from realtime.snapshot import snapshot
from realtime.socket_sessions import person_of_session, session_key

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

LARGEST_MESSAGE = 4096  # bytes
LARGEST_SEQUENCE = 2**63 - 1
PING_EVERY = 30.0  # seconds; proxies and routers keep an idle connection for a minute at least
SILENCE_LIMIT = 60.0  # seconds
RESUME_EVERY = 1.0  # seconds; each may bring a thousand changes
READ_SESSION_EVERY = 300.0  # seconds; finds a session that expired, which nothing announces
OUTAGE_LIMIT = 20.0  # seconds without a database until a client that is served is sent away
READ_AGAIN_EVERY = 0.5  # seconds
# Daphne does not tell whether a client reads, and what it does not read stays in memory.
ASK_AFTER = 256 * 1024  # bytes; then it is pinged early
UNANSWERED_LIMIT = 1024 * 1024  # bytes; then it is cut off

FOR_KIOSKS = ("alarm", "chime", "output_removed")  # topics

TRY_AGAIN = 4013  # the registry's 1013, which Daphne's library refuses to send
BAD_MESSAGE = 4400
NOT_LOGGED_IN = 4401
SILENT = 4408


class AlarmConsumer(AsyncWebsocketConsumer):
    """One browser. `sequence` is the last change that was sent; -1 before the snapshot."""

    sequence = -1
    is_closing = False
    unanswered = 0  # bytes sent since the client last answered a ping
    is_asked = False
    resumed_at = -math.inf
    is_admin = is_kiosk = False
    group = ""  # of the person's sockets
    clock: asyncio.Task[None] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reading = asyncio.Lock()

    # --- The socket's life ----------------------------------------------------------------------

    async def connect(self) -> None:
        """Read the session, join the groups, then send the snapshot: no change falls in between."""
        await self.accept()
        self.received_at = self.read_at = time.monotonic()
        self.key = session_key(self.scope["headers"])
        if not await self.read_session():
            return
        try:
            await self.channel_layer.group_add(self.group, self.channel_name)
            await self.channel_layer.group_add(changes.GROUP, self.channel_name)
        except Exception as error:  # the layer's contract names none
            logger.error("A socket cannot join the broadcast: %s", error)
            await self.end(TRY_AGAIN, "The broadcast is not available.")
            return
        # Again: the session may have ended before this socket joined the groups.
        if await self.read_session() and await self.send_snapshot():
            self.clock = asyncio.create_task(self.keep_time())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve the socket and clean up however it ends, by cancellation too."""
        try:
            await super().__call__(scope, receive, send)
        except Disconnected:
            logger.debug("A client disconnected during a send.")
        finally:
            self.is_closing = True
            if self.clock:
                self.clock.cancel()
            await self.leave()

    async def dispatch(self, message: Any) -> None:
        """Call the message's handler. Channels would first look for old database connections, in a
        thread and for each message; `in_thread` gives back its own.
        """
        await getattr(self, get_handler_name(message))(message)

    async def websocket_disconnect(self, message: Any) -> None:
        """End; `__call__` cleans up."""
        raise StopConsumer

    async def leave(self) -> None:
        """Leave the groups, and drop the messages that still wait for this socket."""
        await self.channel_layer.group_discard(changes.GROUP, self.channel_name)
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)
        channel_layer().forget(self.channel_name)

    async def keep_time(self) -> None:
        """Ping, close a silent connection, and read the session now and then."""
        due = time.monotonic()
        while not self.is_closing:
            due = max(due + PING_EVERY, time.monotonic())
            await asyncio.sleep(due - time.monotonic())
            if time.monotonic() - self.received_at >= SILENCE_LIMIT:
                await self.end(SILENT, "You sent nothing for a minute.")
                return
            await self.ping()
            if time.monotonic() - self.read_at >= READ_SESSION_EVERY:
                await self.read_session()

    async def end(self, code: int, reason: str) -> None:
        """Close; Daphne drops a close frame's reason, so an error message goes before it."""
        if not self.is_closing:
            self.is_closing = True
            await self.send(json.dumps({"type": "error", "code": code, "detail": reason}))
            await self.close(code, reason)

    # --- What the client sends ------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer a ping, take a pong, fill a gap; anything else ends the connection."""
        if self.is_closing:
            return
        self.received_at = time.monotonic()
        match parse(text_data):
            case {"type": "ping"}:
                await self.pass_on('{"type":"pong"}')
            case {"type": "pong"}:
                if self.is_asked:
                    self.is_asked, self.unanswered = False, 0
            case {"type": "resume", "since": int(sequence)} if (
                not isinstance(sequence, bool) and 0 <= sequence <= LARGEST_SEQUENCE
            ):
                await self.resume(sequence)
            case _:
                await self.end(BAD_MESSAGE, "This is neither a ping, a pong nor a resume.")

    async def resume(self, sequence: int) -> None:
        """Send the changes after `sequence`, or everything where they are gone."""
        if self.received_at - self.resumed_at < RESUME_EVERY:
            await self.end(TRY_AGAIN, "You resume too often.")
            return
        self.resumed_at = self.received_at
        if await self.send_since(sequence):
            await self.pass_on(json.dumps({"type": "resumed", "sequence": self.sequence}))

    # --- What the broadcast brings --------------------------------------------------------------

    async def alarm_change(self, event: dict[str, Any]) -> None:
        """Pass on a change: the next one as it is, after a gap all that were missed."""
        if self.sequence < 0 or event["sequence"] <= self.sequence:
            return
        if event["sequence"] == self.sequence + 1 and "text" in event:
            self.sequence = event["sequence"]
            masked = event.get("masked", event["text"])
            text = event["text"] if self.is_admin else masked
            await self.pass_on(self.permitted(event.get("topic", ""), text))
        else:
            await self.send_since(self.sequence)

    async def session_changed(self, event: dict[str, Any]) -> None:
        """Read the session again: it may have ended, or the person's role has changed."""
        if event["keep"] == session_keys.stored(self.key):
            await self.end(TRY_AGAIN, "Your session was renewed.")
        else:
            await self.read_session()

    async def resync(self, event: dict[str, Any]) -> None:
        """Read again: announcements of changes and of ended sessions may be lost."""
        if self.sequence >= 0 and await self.read_session():
            await self.send_since(self.sequence)

    # --- Reading and sending --------------------------------------------------------------------

    async def read(self, function: Callable[[], Result]) -> Result | None:
        """Return what a function reads from the database; without one, the client reconnects.

        A client that has the state already is kept while the database moves to another server.
        """
        ends_at = time.monotonic() + (OUTAGE_LIMIT if self.sequence >= 0 else 0)
        while True:
            try:
                return await in_thread(function)
            except (DatabaseError, InterfaceError) as error:
                if time.monotonic() >= ends_at or self.is_closing:
                    logger.error("A socket cannot read the state: %s", error)
                    await self.end(TRY_AGAIN, "The database is not available.")
                    return None
            await asyncio.sleep(READ_AGAIN_EVERY)

    async def read_session(self) -> bool:
        """Read the session's person; return whether the socket stays open."""
        async with self.reading:  # in turn, so that an older reading does not undo a newer one
            self.read_at = time.monotonic()
            found = await self.read(lambda: (person_of_session(self.key),))
        if found is None:
            return False
        (person,) = found
        if person is None:
            await self.end(NOT_LOGGED_IN, "Log in first.")
            return False
        self.group, self.is_admin = person_group(person.pk), person.is_admin
        self.is_kiosk = person.is_kiosk
        return True

    def permitted(self, topic: str, text: str) -> str:
        """Return a change as this client may see it: a kiosk gets little but the number of most.

        Without the number, the client would ask for the change that it missed.
        """
        if not self.is_kiosk or topic in FOR_KIOSKS:
            return text
        change = json.loads(text)
        if topic == "output":
            return json.dumps(change | {"data": as_heard(change["data"])})
        return json.dumps(change | {"topic": "hidden", "data": changes.HIDDEN})

    async def send_snapshot(self) -> bool:
        """Send the snapshot; return whether that was possible."""
        state = await self.read(partial(snapshot, is_kiosk=True) if self.is_kiosk else snapshot)
        if state is None:
            return False
        self.sequence = state["sequence"]
        await self.pass_on(json.dumps({"type": "snapshot", **state}))
        return True

    async def send_since(self, sequence: int) -> bool:
        """Send the changes after `sequence`; if some are gone, send the snapshot and return False.

        The client then has everything up to `self.sequence`.
        """
        found = await self.read(lambda: (changes.since(sequence),))
        if found is None:
            return False
        if found[0] is None:
            await self.send_snapshot()
            return False
        self.sequence = sequence
        for change in found[0]:
            self.sequence = change.sequence
            text = changes.text(change, self.is_admin)
            await self.pass_on(self.permitted(change.topic, text))
        return True

    async def pass_on(self, text: str) -> None:
        """Send a text, unless the client reads too slowly."""
        if self.is_closing:
            return
        self.unanswered += len(text)
        if self.unanswered > UNANSWERED_LIMIT:
            await self.end(TRY_AGAIN, "You read too slowly.")
            return
        await self.send(text)
        if self.unanswered > ASK_AFTER and not self.is_asked:
            await self.ping()

    async def ping(self) -> None:
        """Ask the client for an answer, which follows all that it has read before."""
        self.is_asked = True
        await self.pass_on('{"type":"ping"}')


def parse(text: str | None) -> object:
    """Return a message's JSON; None if it is too large, binary, or no JSON."""
    if not text or len(text) > LARGEST_MESSAGE or len(text.encode()) > LARGEST_MESSAGE:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
