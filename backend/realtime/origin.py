"""The Host and Origin policy of WebSockets."""

from collections.abc import Iterable

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from django.conf import settings

from core.hosts import is_allowed, is_same_origin


class OriginGuard:
    """Refuses a handshake (403) with a host name or an origin that is not allowed.

    A client without an Origin header is not a browser, so it cannot be another site's page.
    """

    def __init__(self, application: ASGI3Application) -> None:
        self.application = application

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        if scope["type"] == "websocket" and self.accepts(scope["headers"]):
            await self.application(scope, receive, send)
        else:
            await refuse(scope, receive, send)

    @staticmethod
    def accepts(headers: Iterable[tuple[bytes, bytes]]) -> bool:
        """Return whether a handshake's headers satisfy the policy."""
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        origins = [value.decode("latin-1") for name, value in headers if name == b"origin"]
        return (
            len(hosts) == 1
            and is_allowed(hosts[0], settings.ALARM_HOSTS)
            and all(is_same_origin(origin, hosts[0]) for origin in origins)
        )


async def refuse(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """End a WebSocket handshake; the server answers 403."""
    await receive()  # websocket.connect
    await send({"type": "websocket.close", "code": 1000, "reason": ""})
