"""Sessions besides the browser's own requests: how long one lasts, and how others are ended."""

import datetime as dt

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http import HttpRequest
from django.utils import timezone

from people.models import Person, Session
from people.session_store import SessionStore

BACKEND = "django.contrib.auth.backends.ModelBackend"


def slide(request: HttpRequest) -> None:
    """Let a used session last its full time again; written once a day, not with every request."""
    today = timezone.now().date().isoformat()
    if request.session.get("day") != today:
        request.session["day"] = today


def end_all(person_id: int, except_key: str | None = None) -> None:
    """End a person's sessions and live sockets; the session with `except_key` goes on."""
    from alarm.consumers import end_sessions

    Session.objects.filter(person=person_id).exclude(pk=except_key).delete()
    end_sessions(person_id, keep=except_key or "")


def open_for(person: Person, duration: dt.timedelta) -> str:
    """Begin a session that no browser asked for; return the value of its cookie."""
    session = SessionStore()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session.set_expiry(timezone.now() + duration)  # a moment does not slide
    session.create()
    return session.session_key


def clear_expired() -> None:
    """Remove the sessions that have run out."""
    SessionStore.clear_expired()


def look_again(person_id: int) -> None:
    """Let a person's live sockets ask again who they belong to: the role has changed."""
    from alarm.consumers import end_sessions

    end_sessions(person_id)
