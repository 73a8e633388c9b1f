"""Sessions: how long one lasts, and how sessions and their WebSockets are ended."""

import datetime as dt

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone
from rest_framework.request import Request

import broadcast
from people import proof, session_keys
from people.actors import COMMAND_LINE, source_of
from people.models import Person, Session
from people.session_store import SessionStore

BACKEND = "django.contrib.auth.backends.ModelBackend"


USED_EVERY = dt.timedelta(minutes=10)  # how exactly the last use is known


def begin(session: SessionBase, person: Person, device: str) -> None:
    """Note what a new session is: it lasts as long as its person's role lets it."""
    proof.give(session)
    session["created_at"] = timezone.now().timestamp()
    note_use(session, person, device)


def note_use(session: SessionBase, person: Person, device: str) -> None:
    """Note a use, and let the session last its full time again."""
    session["used_at"], session["device"] = timezone.now().timestamp(), device
    if not session.get("is_fixed"):
        session.set_expiry(settings.SESSION_DAYS[person.role] * 24 * 3600)


def slide(request: Request, person: Person) -> None:
    """Note the use of a session; stored now and then, not with every request."""
    unused = timezone.now().timestamp() - request.session.get("used_at", 0)
    if not 0 <= unused < USED_EVERY.total_seconds():
        note_use(request.session, person, source_of(request))


def end(session: Session) -> None:
    """End one session and its WebSockets."""
    session.delete()
    if session.person_id is not None:
        announce_change(session.person_id)


def end_all(person_id: int, except_key: str | None = None) -> None:
    """End a person's sessions and WebSockets; the session with `except_key` stays."""
    Session.objects.filter(person=person_id).exclude(pk=except_key).delete()
    announce_change(person_id, keep=except_key or "")


def announce_change(person_id: int, keep: str = "") -> None:
    """Make each WebSocket of a person read its session again, when the transaction commits.

    Those whose session has ended are closed. Those of the session `keep` (its key before it was
    renewed) are closed too: their browser connects again with its new cookie.
    """
    message = {"type": "session.changed", "keep": session_keys.stored(keep) if keep else ""}
    broadcast.announce(person_group(person_id), message)


def person_group(person_id: int) -> str:
    return f"person.{person_id}"


def open_for(person: Person, duration: dt.timedelta) -> str:
    """Open a session that no browser asked for; return the value of its cookie."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session["is_fixed"] = True
    begin(session, person, COMMAND_LINE.source)
    session.set_expiry(timezone.now() + duration)  # a fixed moment does not slide
    session.create()
    return str(session.session_key)
