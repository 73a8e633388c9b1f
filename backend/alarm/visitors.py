"""Whose browser a socket is: read from its session's cookie, without the request that HTTP has."""

import asyncio
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from types import SimpleNamespace
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.utils import timezone

from config.threads import in_thread
from people.models import Session
from people.session_store import SessionStore

GATHER = 1.0  # seconds

LOGIN = (SESSION_KEY, BACKEND_SESSION_KEY, HASH_SESSION_KEY)
"""All that Django judges a session by: two that are alike get the same verdict."""


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
    person = get_user(SimpleNamespace(session=SessionStore(key)))
    return Visitor(person.pk, person.is_admin) if person.is_authenticated else None


def visitors(keys: Iterable[str]) -> dict[str, Visitor | None]:
    """Return the same for many keys that were good once; those of one login are asked for once."""
    found: dict[str, Visitor | None] = dict.fromkeys(keys)
    judged: dict[tuple, Visitor | None] = {}
    for session in Session.objects.filter(pk__in=found, expire_date__gt=timezone.now()):
        data = session.get_decoded()
        login = tuple(map(data.get, LOGIN))
        # That one has ended meanwhile says nothing of another.
        found[session.pk] = judged[login] = judged.get(login) or visitor(session.pk)
    return found


class Round:
    """Sessions that are looked at together, in one thread, each once, whatever its sockets are."""

    gathering: "Round | None" = None

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.found = asyncio.create_task(self.look())

    async def look(self) -> dict[str, Visitor | None]:
        """Gather keys for a while, then look at all of them."""
        await asyncio.sleep(GATHER)
        Round.gathering = None
        return await in_thread(visitors, self.keys)


async def visitor_soon(key: str) -> Visitor | None:
    """Return the same as `visitor`, when the next round has looked."""
    current = Round.gathering
    if current is None or current.found.get_loop() is not asyncio.get_running_loop():
        current = Round.gathering = Round()
    current.keys.add(key)
    # The others go on when one of the sockets ends.
    return (await asyncio.shield(current.found))[key]
