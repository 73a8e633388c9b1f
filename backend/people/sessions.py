"""Sessions besides the browser's requests: whose one is, and telling live sockets that it ended."""

from http.cookies import CookieError, SimpleCookie

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from broadcast import announce
from people.models import Person, Session
from people.session_store import SessionStore

BACKEND = "django.contrib.auth.backends.ModelBackend"


def group(person_id: int) -> str:
    """Return the channel layer's group that a person's sockets join.

    A message `{"type": "session.changed"}` there means: ask `person_of` again, and close (4401)
    where it answers None; the role may have changed too.
    """
    return f"person.{person_id}"


def announce_change(person_id: int) -> None:
    """Tell a person's sockets that a session has ended or a role has changed, on commit."""
    announce(group(person_id), {"type": "session.changed"})


def key_of(scope: dict) -> str | None:
    """Return the session key in the cookies of an ASGI scope, or None."""
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"]
    try:
        cookie = SimpleCookie("; ".join(lines)).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    return cookie.value if cookie else None


def person_of(session_key: str | None) -> Person | None:
    """Return the active person whose live session has this key, or None; blocks (database)."""
    if not session_key:
        return None
    rows = Session.objects.select_related("person")
    row = rows.filter(pk=session_key, expire_date__gt=timezone.now()).first()
    if row is None or row.person is None or not row.person.is_active:
        return None
    fingerprint = row.get_decoded().get(HASH_SESSION_KEY, "")
    is_current = constant_time_compare(fingerprint, row.person.get_session_auth_hash())
    return row.person if is_current else None


def end_all(person: Person, except_key: str | None = None) -> None:
    """End a person's sessions, sockets included; the one with `except_key` goes on."""
    Session.objects.filter(person=person).exclude(pk=except_key).delete()
    announce_change(person.pk)


def open_for(person: Person, seconds: int) -> str:
    """Begin a session that no browser asked for; return the value of its cookie."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.set_expiry(seconds)
    session.create()
    return session.session_key


def clear_expired() -> None:
    """Remove the sessions that have run out."""
    SessionStore.clear_expired()


def slide(request: HttpRequest) -> None:
    """Let a used session last its full time again: written once a day, not with every request."""
    today = timezone.now().date().isoformat()
    if request.session.get("day") != today:
        request.session["day"] = today
