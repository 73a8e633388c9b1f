"""Clients that have gone: what a server raises then, and when Django need not know."""

import asyncio
import sys

RAISED = {"autobahn.exception": "Disconnected", "uvicorn.protocols.utils": "ClientDisconnected"}


def client_has_gone() -> tuple[type[BaseException], ...]:
    """Return the errors of a socket whose client has gone, for an `except`.

    Each server has its own; of one that is not loaded it would take memory for nothing.
    """
    return tuple(
        getattr(sys.modules[module], name)
        for module, name in RAISED.items()
        if module in sys.modules
    )


class UntilAnswered:
    """ASGI application that tells another of a disconnect until the answer is complete.

    Afterwards each request has one, which Django takes for an error. Its traceback holds the tasks
    of the request in a circle, fifty objects that only the search for garbage frees.
    """

    def __init__(self, application) -> None:
        self.application = application

    async def __call__(self, scope, receive, send) -> None:
        is_answered = False

        async def receive_until_answered() -> dict:
            message = await receive()
            if is_answered and message["type"] == "http.disconnect":
                await asyncio.get_running_loop().create_future()  # until Django stops listening
            return message

        async def send_on(message: dict) -> None:
            nonlocal is_answered
            if message["type"] == "http.response.body":
                is_answered = not message.get("more_body", False)
            await send(message)

        await self.application(scope, receive_until_answered, send_on)
