"""The first run, logging in and out, and changing one's own password, over HTTP."""

from typing import Any

from django.contrib.auth import login, logout
from django.db import transaction
from django.middleware.csrf import get_token
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from core.hosts import is_same_origin
from core.problems import Problem
from core.views import Raises, View, checked, operation
from people import accounts, audit, lockout, sessions
from people.actors import actor_of, source_of
from people.models import Person
from people.permissions import IsPerson, IsSetUp, person_of
from people.serializers import (
    LoginSerializer,
    PasswordChangeSerializer,
    SessionSerializer,
    SetupSerializer,
    require_good_password,
)

WRONG_PASSWORD: Raises = {
    accounts.WrongCredentials: (403, "wrong_credentials"),
    lockout.LockedOut: (429, "locked_out"),
}
ALREADY_SET_UP: Raises = {accounts.AlreadySetUp: (409, "already_set_up")}
THROTTLED = {429: ("throttled",)}


def session_of(request: Request) -> dict[str, Any]:
    """Return what the page reads first; reading the token sends its cookie too."""
    person = request.user if isinstance(request.user, Person) else None
    return {
        "setup_required": person is None and not Person.objects.exists(),
        "person": person,
        "csrf_token": get_token(request),
    }


def log_in(request: Request, person: Person) -> None:
    """Begin a session with a new key, and record it."""
    login(request, person, backend=sessions.BACKEND)
    audit.record("login", "Logged in.", actor=actor_of(request))


def require_own_page(request: Request) -> None:
    """Refuse a log-in that another site's page sends: without a session there is no CSRF token."""
    origin = request.META.get("HTTP_ORIGIN")
    if origin is not None and not is_same_origin(origin, request.get_host()):
        raise Problem(403, "csrf_failed", "The page has to be loaded again: another site sent it.")


class SetupView(View):
    """The first run."""

    permission_classes = (AllowAny,)

    @operation(
        *("Make the first admin and the first PIN, and log in", SessionSerializer),
        status=201,
        body=SetupSerializer,
        loads_body=False,
        raises=ALREADY_SET_UP,
        codes=THROTTLED,
    )
    @transaction.atomic
    def post(self, request: Request) -> dict[str, Any]:
        """Make the first admin and the first code, and log in. Of parallel requests one wins."""
        require_own_page(request)
        # Before the body is validated: a late client learns nothing about the password rules.
        accounts.require_no_person()
        body = checked(SetupSerializer, request.data)
        log_in(request, accounts.set_up(source=source_of(request), **body))
        return session_of(request)


class SessionView(View):
    """The session of this browser."""

    permission_classes = (AllowAny,)

    @operation("Who is logged in, and the CSRF token", SessionSerializer)
    def get(self, request: Request) -> dict[str, Any]:
        """Answer who is logged in, if anyone."""
        return session_of(request)

    @operation(
        *("Log in", SessionSerializer),
        body=LoginSerializer,
        loads_body=False,
        permission=IsSetUp,
        raises=WRONG_PASSWORD,
        codes=THROTTLED,
    )
    def post(self, request: Request) -> dict[str, Any]:
        """Log in."""
        require_own_page(request)
        body = checked(LoginSerializer, request.data)
        person = accounts.check_password(request, **body)
        with transaction.atomic():
            log_in(request, person)
        return session_of(request)

    @operation("Log out", permission=IsPerson)
    @transaction.atomic
    def delete(self, request: Request) -> None:
        """Log out."""
        person_id = person_of(request).pk
        logout(request)
        sessions.announce_change(person_id)


class PasswordView(View):
    """One's own password."""

    @operation(
        "Change one's own password; other sessions end",
        body=PasswordChangeSerializer,
        raises=WRONG_PASSWORD,
        codes=THROTTLED,
    )
    def post(self, request: Request, body: dict[str, Any]) -> None:
        """Change it; the person's other sessions end."""
        person = person_of(request)
        require_good_password(body["new"], person, field="new")
        accounts.confirm_password(request, body["current"])
        accounts.change_for(request, person.pk, {"password": body["new"]})
