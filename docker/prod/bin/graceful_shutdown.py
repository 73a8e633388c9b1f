"""ASGI middleware that lets a server stop without dropping requests or cutting WebSockets."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

SERVICE_RESTART = 4012
"""The standard code is 1012, but Daphne lets an application send 1000 and 3000 to 4999 only."""

LIMIT_SECONDS = 6.0
"""The longest drain; less than supervisord's stopwaitsecs."""

QUIET_SECONDS = 0.5
"""Idle time after which a drain ends: Nginx may be about to use a connection that it keeps."""

POLL_SECONDS = 0.02

logger = logging.getLogger(__name__)


class GracefulShutdown:
    """Counts requests in flight, and closes WebSockets when it is asked to."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.is_draining = False
        self.requests = 0
        self.sockets: set[WebSocket] = set()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.serve_request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self.serve_socket(scope, receive, send)
        else:
            await self.application(scope, receive, send)

    async def serve_request(self, scope: Message, receive: Receive, send: Send) -> None:
        has_started = False

        async def send_response(message: Message) -> None:
            nonlocal has_started
            if message["type"] == "http.response.start":
                has_started = True
                if self.is_draining:
                    headers = [*message.get("headers", []), (b"Connection", b"close")]
                    message = {**message, "headers": headers}
            await send(message)

        self.requests += 1
        try:
            await self.application(scope, receive, send_response)
        except Exception:
            if not has_started:
                raise
            # Daphne would try to start a second response. Nginx cuts the first one at its timeout.
            logger.exception("The application failed after its response had started.")
        finally:
            self.requests -= 1

    async def serve_socket(self, scope: Message, receive: Receive, send: Send) -> None:
        socket = WebSocket(send, close_on_accept=self.is_draining)
        self.sockets.add(socket)
        try:
            await self.application(scope, receive, socket.send)
        finally:
            self.sockets.discard(socket)

    async def close_sockets(self) -> None:
        """Close the WebSockets of now, and those whose handshake is under way once it ends."""
        for socket in list(self.sockets):
            await socket.close()

    async def drain(self, has_connections: Callable[[], bool]) -> None:
        """Close WebSockets and wait for responses, for at most LIMIT_SECONDS."""
        self.is_draining = True
        await self.close_sockets()
        busy_at = started = time.monotonic()
        while (now := time.monotonic()) - started < LIMIT_SECONDS:
            if self.requests or self.sockets:
                busy_at = now
            elif now - busy_at > QUIET_SECONDS or not has_connections():
                return
            await asyncio.sleep(POLL_SECONDS)


class WebSocket:
    """The sending side of one WebSocket."""

    def __init__(self, send: Send, close_on_accept: bool) -> None:
        self.forward = send
        self.close_on_accept = close_on_accept
        self.is_open = self.is_closed = False

    async def send(self, message: Message) -> None:
        """Forward what the application sends, unless a close frame has been sent."""
        if self.is_closed:
            return
        self.is_open = self.is_open or message["type"] == "websocket.accept"
        self.is_closed = message["type"] == "websocket.close"
        await self.forward(message)
        if self.is_open and self.close_on_accept:
            await self.close()

    async def close(self) -> None:
        """Send a close frame, after the handshake where that is under way."""
        self.close_on_accept = True
        if self.is_open:
            await self.send({"type": "websocket.close", "code": SERVICE_RESTART})
