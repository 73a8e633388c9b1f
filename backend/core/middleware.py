"""The base of this app's middleware, which wraps sync and async views without a thread."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse


class Middleware:
    """Calls `before`, which may answer itself, then the view, then `after`. Neither may block."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        if self.is_async:
            return self._call_async(request)
        return self.after(request, self.before(request) or self.get_response(request))

    async def _call_async(self, request: HttpRequest) -> HttpResponse:
        return self.after(request, self.before(request) or await self.get_response(request))

    def before(self, request: HttpRequest) -> HttpResponse | None:
        """Return an answer to give instead of the view's, or None."""

    def after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Return the answer to send."""
        return response
