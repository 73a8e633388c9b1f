"""The sessions of persons, as they are listed and ended."""

import datetime as dt
import hashlib
from typing import NamedTuple

from django.contrib.auth import logout
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request

from people import audit, facts, session_keys, sessions
from people.actors import actor_of
from people.guarded import while_disarmed
from people.models import Person, Session
from people.permissions import person_of, require_proof


class UnknownSession(Exception):
    """There is no such session, or not for this person."""


class Listed(NamedTuple):
    """A session without its key, which the database does not have either."""

    id: str
    person: Person | None
    device: str
    created_at: dt.datetime | None
    last_used_at: dt.datetime | None
    expires_at: dt.datetime
    is_current: bool


def visible_to(request: Request) -> QuerySet[Session]:
    """Return the sessions that a person may see: one's own, an admin everyone's."""
    running = Session.objects.filter(expire_date__gt=timezone.now(), person__isnull=False)
    person = person_of(request)
    own = running if person.is_admin else running.filter(person=person)
    return own.select_related("person").order_by("person_id", "-expire_date")


def listed(request: Request) -> list[Listed]:
    return [
        Listed(
            id_of(row.session_key),
            row.person,
            str(data.get("device", "")),
            moment(data.get("created_at")),
            moment(data.get("used_at")),
            row.expire_date,
            is_of(request, row),
        )
        for row in visible_to(request)
        for data in [row.get_decoded()]
    ]


def end(request: Request, session_id: str) -> None:
    """End a session; raise UnknownSession, for another's also NotDisarmed or 403."""
    rows = (row for row in visible_to(request) if id_of(row.session_key) == session_id)
    row = next(rows, None)
    if row is None or row.person is None:
        raise UnknownSession("There is no such session.")
    if is_of(request, row):
        logout(request)
        sessions.announce_change(row.person.pk)
        return
    if row.person == person_of(request):
        sessions.end(row)
        return
    require_proof(request)
    with while_disarmed():
        detail = facts.SESSION_ENDED(username=row.person.username)
        audit.record("person", detail, actor=actor_of(request))
        sessions.end(row)


def is_of(request: Request, row: Session) -> bool:
    """Return whether a row is the session of a request."""
    return id_of(row.session_key) == own_id(request)


def own_id(request: Request) -> str:
    """Return the name of a request's own session in the API."""
    return id_of(session_keys.stored(request.session.session_key or ""))


def id_of(key: str) -> str:
    """Return the name of a session in the API, by what the database has of its key."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def moment(seconds: object) -> dt.datetime | None:
    known = isinstance(seconds, int | float)
    return dt.datetime.fromtimestamp(float(str(seconds)), dt.UTC) if known else None
