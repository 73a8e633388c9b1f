"""Whose browser a socket is: read from its session's cookie, without the request that HTTP has."""

from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from types import SimpleNamespace
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import get_user


class Visitor(NamedTuple):
    """A person who is logged in, as far as a socket needs to know them."""

    id: int
    is_admin: bool


def session_key(scope: dict) -> str:
    """Return the session's key from a handshake's cookies, or an empty text."""
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    try:
        cookie = SimpleCookie("; ".join(lines)).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ""
    return cookie.value if cookie else ""


def visitor(key: str) -> Visitor | None:
    """Return whose session this is, or None; blocks (database).

    Django's own judgement: the session has not run out, the password is still the one it was opened
    with, and the person is active.
    """
    if not key:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    person = get_user(SimpleNamespace(session=session))
    return Visitor(person.pk, person.is_admin) if person.is_authenticated else None
