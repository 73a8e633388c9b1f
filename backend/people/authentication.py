"""Authentication: the session cookie, and a CSRF token for changes."""

from typing import Any

from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from core.hosts import origin_fault
from core.problems import Problem
from people.sessions import slide


class BrowserSession(SessionAuthentication):
    """REST framework's session authentication, with this API's words for a missing CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the person and None, or None; a used session lasts its full time again."""
        authenticated = super().authenticate(request)
        if authenticated is not None:
            slide(request, authenticated[0])
        return authenticated

    def enforce_csrf(self, request: Request) -> None:
        """Raise 403 `csrf_failed` unless the request carries its token and comes from our page."""
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            reason = str(error.detail).removeprefix("CSRF Failed: ").rstrip(".")
            detail = origin_fault(request) or f"The page has to be loaded again: {reason}."
            raise Problem(403, "csrf_failed", detail) from error
