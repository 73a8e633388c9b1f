"""The alarm over a WebSocket, as docs/websocket.md has it: everything once, then each change."""

import asyncio
import json
import logging
import math
import time
from collections.abc import Awaitable
from functools import partial
from typing import TypeVar

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError, InterfaceError
from django.urls import path

import broadcast
from alarm import changes, services, visitors
from config.gone import client_has_gone
from config.threads import in_thread

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

LARGEST_MESSAGE = 4096  # bytes
LARGEST_SEQUENCE = 2**63 - 1
PING_EVERY = 30.0  # seconds; fronts and routers forget a connection after a minute at the earliest
SILENCE_LIMIT = 60.0  # seconds
RESUME_EVERY = 1.0  # seconds; each may bring a thousand changes
LOOK_EVERY = 60.0  # seconds until the session is looked at again, should an announcement be lost
# What may be on its way to a client that has not answered: neither server tells whether a client
# reads (docker/bin/run-uvicorn sees to that), and what it does not read stays in memory.
ASK_AFTER = 256 * 1024  # bytes; then it is pinged out of turn
UNANSWERED_LIMIT = 1024 * 1024  # bytes; then it is cut off

TRY_AGAIN = 4013  # the registry's 1013, which Daphne's library refuses to send
BAD_MESSAGE = 4400
NOT_LOGGED_IN = 4401
SILENT = 4408


def end_sessions(person_id: int, keep: str = "") -> None:
    """Make each socket of a person look at its session again, when the transaction commits.

    Those whose session has ended are closed. The sockets of the session `keep` (its key before it
    was changed) are asked to come again, with the cookie that their browser then has.
    """
    broadcast.announce(person_group(person_id), {"type": "session.changed", "keep": keep})


def person_group(person_id: int) -> str:
    """Return the channel layer's group that a person's sockets join."""
    return f"person.{person_id}"


class AlarmConsumer(AsyncWebsocketConsumer):
    """One browser. `sequence` is the newest change it has been sent; -1 before the snapshot."""

    sequence = -1
    is_closing = False
    unanswered = 0  # bytes sent since the client last answered a ping
    is_asked = False
    resumed_at = -math.inf
    visitor: visitors.Visitor | None = None
    looks = judged = 0  # looks at the session that were begun; the latest that counted
    clock: asyncio.Task | None = None

    # --- The socket's life ----------------------------------------------------------------------

    async def connect(self) -> None:
        """Find out who it is, join the groups, then read: so no change falls in between."""
        await self.accept()
        self.heard_at = self.looked_at = time.monotonic()
        self.key = visitors.session_key(self.scope)
        if not await self.look_at_session():
            return
        try:
            await self.channel_layer.group_add(person_group(self.visitor.id), self.channel_name)
            await self.channel_layer.group_add(changes.GROUP, self.channel_name)
        except Exception as error:  # Redis' errors have no common base with the database's
            logger.error("A socket cannot join the broadcast: %s", error)
            await self.end(TRY_AGAIN, "The broadcast is not available.")
            return
        # Again: the session may have ended while nobody could have told this socket.
        if await self.look_at_session() and await self.send_everything():
            self.clock = asyncio.create_task(self.keep_time())

    async def __call__(self, scope, receive, send) -> None:
        """Live, and leave nothing behind, however it ends: cancelled as well."""
        try:
            await super().__call__(scope, receive, send)
        except client_has_gone():
            logger.debug("A client went before it was let in, or while it was told something.")
        finally:
            self.is_closing = True
            if self.clock:
                self.clock.cancel()
            await self.leave()

    async def dispatch(self, message: dict) -> None:
        """Call the message's handler. Channels would first look for old database connections, in a
        thread and for each message; `in_thread` gives back its own.
        """
        await getattr(self, get_handler_name(message))(message)

    async def websocket_disconnect(self, message: dict) -> None:
        """End; what there is to do is done however it ends."""
        raise StopConsumer

    async def leave(self) -> None:
        """Leave the groups; what is still on its way to this socket goes as well."""
        await self.channel_layer.group_discard(changes.GROUP, self.channel_name)
        if self.visitor:
            await self.channel_layer.group_discard(person_group(self.visitor.id), self.channel_name)
        if hasattr(self.channel_layer, "forget"):
            self.channel_layer.forget(self.channel_name)

    async def keep_time(self) -> None:
        """Ping, notice a client that is gone, and now and then a session that is.

        Each socket keeps to its own time. After a look they have shared they would otherwise ping
        together, and the process would do nothing else meanwhile.
        """
        due = time.monotonic()
        while not self.is_closing:
            due = max(due + PING_EVERY, time.monotonic())
            await asyncio.sleep(due - time.monotonic())
            if time.monotonic() - self.heard_at >= SILENCE_LIMIT:
                await self.end(SILENT, "Nothing was heard from you for a minute.")
                return
            await self.ping()
            if time.monotonic() - self.looked_at >= LOOK_EVERY:
                await self.look_at_session(soon=True)

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
        self.heard_at = time.monotonic()
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
                await self.end(BAD_MESSAGE, "This is no ping, no pong and no resume.")

    async def resume(self, sequence: int) -> None:
        """Send the changes after `sequence`, or everything where they are gone."""
        if self.heard_at - self.resumed_at < RESUME_EVERY:
            await self.end(TRY_AGAIN, "You resume too often.")
            return
        self.resumed_at = self.heard_at
        if await self.send_since(sequence):
            await self.pass_on(json.dumps({"type": "resumed", "sequence": self.sequence}))

    # --- What the broadcast brings --------------------------------------------------------------

    async def alarm_change(self, event: dict) -> None:
        """Pass on a change: the next one as it is, after a gap all that were missed."""
        if self.sequence < 0 or event["sequence"] <= self.sequence:
            return
        if event["sequence"] == self.sequence + 1 and "text" in event:
            self.sequence = event["sequence"]
            is_admin = self.visitor.is_admin
            await self.pass_on(event["text"] if is_admin else event.get("masked", event["text"]))
        else:
            await self.send_since(self.sequence)

    async def session_changed(self, event: dict) -> None:
        """The session may have ended, or its person's role may be another."""
        if event["keep"] and event["keep"] == self.key:
            await self.end(TRY_AGAIN, "Your session was renewed.")
        else:
            await self.look_at_session()

    async def resync(self, event: dict) -> None:
        """Announcements may have been missed, of changes and of sessions that ended."""
        if self.sequence >= 0 and await self.look_at_session():
            await self.send_since(self.sequence)

    # --- Reading and sending --------------------------------------------------------------------

    async def read(self, reading: Awaitable[Result]) -> Result | None:
        """Return what is read from the database; without one, the client comes again."""
        try:
            return await reading
        except (DatabaseError, InterfaceError) as error:
            logger.error("A socket cannot be told the state: %s", error)
            await self.end(TRY_AGAIN, "The database is not available.")
            return None

    async def look_at_session(self, *, soon: bool = False) -> bool:
        """Find out whose session this is, now or `soon`; return whether the socket goes on."""
        self.looked_at = time.monotonic()
        self.looks += 1
        number = self.looks
        look = visitors.visitor_soon if soon else partial(in_thread, visitors.visitor)
        visitor = await self.read(look(self.key))
        if number < self.judged:  # one that began later, and ended sooner, knows better
            return not self.is_closing
        self.judged = number
        if visitor is None:
            await self.end(NOT_LOGGED_IN, "Log in first.")
            return False
        self.visitor = visitor
        return True

    async def send_everything(self) -> bool:
        """Send the snapshot; return whether that was possible."""
        everything = await self.read(in_thread(services.everything))
        if everything is None:
            return False
        self.sequence = everything["sequence"]
        await self.pass_on(json.dumps({"type": "snapshot", **everything}))
        return True

    async def send_since(self, sequence: int) -> bool:
        """Send the changes after `sequence`; where some are gone, the snapshot, and return False.

        The client then has everything up to `self.sequence`.
        """
        found = await self.read(in_thread(lambda: (changes.since(sequence),)))
        if found is None:
            return False
        if found[0] is None:
            await self.send_everything()
            return False
        self.sequence = sequence
        for change in found[0]:
            self.sequence = change.sequence
            await self.pass_on(changes.text(change, self.visitor.is_admin))
        return True

    async def pass_on(self, text: str) -> None:
        """Send a text, unless the client takes in too little of what it was sent."""
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
        """Ask the client for an answer: it comes after all that it was sent before."""
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


websocket_urlpatterns = [path("ws/alarm/", AlarmConsumer.as_asgi())]
