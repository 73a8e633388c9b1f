"""The alarm over a WebSocket: the state on connecting, and again after every change."""

import json
import logging

from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError, InterfaceError
from django.urls import path

from alarm import services
from config.threads import in_thread

logger = logging.getLogger(__name__)

LARGEST_MESSAGE = 4096  # bytes
BAD_MESSAGE = 4400  # close code: the client sent what no client of ours sends
TRY_AGAIN = 1013  # close code of the WebSocket registry


class AlarmConsumer(AsyncWebsocketConsumer):
    """One browser. `sequence` is the newest it has been sent: it never goes backwards."""

    sequence = -1
    is_closing = False

    async def connect(self) -> None:
        """Join the group first and read the state after, so that no change falls in between."""
        await self.accept()
        try:
            await self.channel_layer.group_add(services.GROUP, self.channel_name)
        except Exception as error:  # Redis' errors have no common base with the database's
            logger.error("A socket cannot join the broadcast: %s", error)
            await self.end(TRY_AGAIN, "The broadcast is not available.")
        else:
            await self.send_current()

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        await self.channel_layer.group_discard(services.GROUP, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Answer a ping; anything else ends the connection."""
        if self.is_closing:
            return
        message = None
        if text_data and len(text_data.encode()) <= LARGEST_MESSAGE:
            try:
                message = json.loads(text_data)
            except (ValueError, RecursionError):
                message = None
        if isinstance(message, dict) and message.get("type") == "ping":
            await self.send(json.dumps({"type": "pong"}))
        else:
            await self.end(BAD_MESSAGE, 'The only message understood is {"type": "ping"}.')

    async def alarm_state(self, event: dict) -> None:
        """Pass on a change, unless something newer has been sent."""
        if event["state"]["sequence"] > self.sequence:
            await self.send_state(event["state"])

    async def resync(self, event: dict) -> None:
        """Changes may have been missed: send the state as it is now."""
        await self.send_current()

    async def send_current(self) -> None:
        """Read the state and send it; without a database, ask the client to come again."""
        try:
            state = await in_thread(services.current)
        except (DatabaseError, InterfaceError) as error:
            logger.error("A socket cannot be told the state: %s", error)
            await self.end(TRY_AGAIN, "The database is not available.")
        else:
            if state["sequence"] >= self.sequence:
                await self.send_state(state)

    async def send_state(self, state: dict) -> None:
        """Send a state to the browser."""
        if not self.is_closing:
            self.sequence = state["sequence"]
            await self.send(json.dumps({"type": "state", **state}))

    async def end(self, code: int, reason: str) -> None:
        """Close; Daphne drops a close frame's reason, so an error message goes before it."""
        if not self.is_closing:
            self.is_closing = True
            await self.send(json.dumps({"type": "error", "code": code, "detail": reason}))
            await self.close(code, reason)


websocket_urlpatterns = [path("ws/alarm/", AlarmConsumer.as_asgi())]
