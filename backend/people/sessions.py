"""Sessions: how long one lasts, and how sessions and their WebSockets are ended."""

import datetime as dt

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone
from rest_framework.request import Request

import broadcast
from people import proof
from people.models import Person, Session
from people.session_store import SessionStore

BACKEND = "django.contrib.auth.backends.ModelBackend"


def slide(request: Request) -> None:
    """Let a used session last its full time again; stored once a day, not with every request."""
    today = timezone.now().date().isoformat()
    if request.session.get("day") != today:
        request.session["day"] = today


def end_all(person_id: int, except_key: str | None = None) -> None:
    """End a person's sessions and WebSockets; the session with `except_key` stays."""
    Session.objects.filter(person=person_id).exclude(pk=except_key).delete()
    announce_change(person_id, keep=except_key or "")


def announce_change(person_id: int, keep: str = "") -> None:
    """Make each WebSocket of a person read its session again, when the transaction commits.

    Those whose session has ended are closed. Those of the session `keep` (its key before it was
    renewed) are closed too: their browser connects again with its new cookie.
    """
    broadcast.announce(person_group(person_id), {"type": "session.changed", "keep": keep})


def person_group(person_id: int) -> str:
    return f"person.{person_id}"


def open_for(person: Person, duration: dt.timedelta) -> str:
    """Open a session that no browser asked for; return the value of its cookie."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    proof.give(session)
    session.set_expiry(timezone.now() + duration)  # a fixed moment does not slide
    session.create()
    return str(session.session_key)
