"""Django's own middleware, called where the event loop runs.

Django sends what each does before and after a view to a thread, because it may block. Of these only
a session that has changed does, when it is stored: sessions and people are read later, when a view
asks for them. Six hops between threads were a third of the time of the shortest request.
"""

from asgiref.sync import sync_to_async
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.deprecation import MiddlewareMixin


def call_directly() -> None:
    """Let this process's async handlers call them so. Their names stay, which `check` looks for."""
    for kind in (SecurityMiddleware, CsrfViewMiddleware, AuthenticationMiddleware):
        kind.__acall__ = _call
    SessionMiddleware.__acall__ = _call_and_store


async def _call(self: MiddlewareMixin, request: HttpRequest) -> HttpResponse:
    response = self.process_request(request) or await self.get_response(request)
    if hasattr(self, "process_response"):
        return self.process_response(request, response)
    return response


async def _call_and_store(self: SessionMiddleware, request: HttpRequest) -> HttpResponse:
    self.process_request(request)
    response = await self.get_response(request)
    if request.session.modified:
        return await sync_to_async(self.process_response)(request, response)
    return self.process_response(request, response)
