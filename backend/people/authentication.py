"""How a request says whose it is: the session cookie, and a CSRF token for what changes things."""

from rest_framework.authentication import CSRFCheck, SessionAuthentication
from rest_framework.request import Request

from config.problems import Problem
from people.sessions import slide


class BrowserSession(SessionAuthentication):
    """REST framework's session authentication, with this API's words for a missing CSRF token."""

    def authenticate(self, request: Request):
        """Return the person and None, or None; a session that is used goes on for its full time."""
        authenticated = super().authenticate(request)
        if authenticated is not None:
            slide(request)
        return authenticated

    def enforce_csrf(self, request: Request) -> None:
        """Raise 403 `csrf_failed` unless the request carries its token and comes from our page."""
        check = CSRFCheck(lambda request: None)
        check.process_request(request)
        if reason := check.process_view(request, None, (), {}):
            reason = str(reason).rstrip(".")
            raise Problem(403, "csrf_failed", f"The page has to be loaded again: {reason}.")
