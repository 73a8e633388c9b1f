"""The person of a WebSocket, read from the session cookie of its handshake."""

from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from people.models import Person
from people.session_store import SessionStore


def session_key(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the session's key from a handshake's headers, or an empty text."""
    lines = [value.decode("latin-1") for name, value in headers if name == b"cookie"]
    try:
        cookie = SimpleCookie("; ".join(lines)).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


def person_of_session(key: str) -> Person | None:
    """Return the person of a session, or None; blocks (database).

    Django decides: the session has not expired, the password is still that of the login, and the
    person is active.
    """
    request = HttpRequest()
    request.session = SessionStore(key)
    person = get_user(request)
    return person if isinstance(person, Person) else None
