"""The first run, login, logout, and changes of a person's own password, over HTTP."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.db import transaction
from django.middleware.csrf import get_token
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from core.hosts import origin_fault
from core.problems import Problem
from core.views import Raises, View, checked, operation
from people import accounts, audit, facts, lockout, proof, sessions, setup_token, totp, totp_secrets
from people.actors import actor_of, source_of
from people.models import Person
from people.permissions import IsPerson, IsSetUp, person_of, require_proof
from people.serializers import (
    LanguageSerializer,
    LoginSerializer,
    PasswordChangeSerializer,
    ProofSerializer,
    SessionSerializer,
    SetupSerializer,
    require_good_password,
)

WRONG_PASSWORD: Raises = {
    accounts.WrongCredentials: (403, "wrong_credentials"),
    lockout.LockedOut: (429, "locked_out"),
}
WRONG_LOGIN: Raises = {
    totp.CodeRequired: (403, "totp_required"),
    totp.WrongCode: (403, "wrong_totp_code"),
    totp_secrets.Unreadable: (403, "totp_unreadable"),
    **WRONG_PASSWORD,
}
SETUP: Raises = {
    accounts.AlreadySetUp: (409, "already_set_up"),
    setup_token.WrongSetupToken: (403, "wrong_setup_token"),
    lockout.LockedOut: (429, "locked_out"),
}
THROTTLED = {429: ("throttled",)}
ENTRY = {403: ("https_required",), **THROTTLED}


def session_of(request: Request) -> dict[str, Any]:
    """Return what the page reads first; reading the token sends its cookie too."""
    person = request.user if isinstance(request.user, Person) else None
    return {
        "setup_required": person is None and not Person.objects.exists(),
        "setup_token_required": person is None and setup_token.is_required(),
        "person": person,
        "totp_required": totp.is_asked(person),
        "csrf_token": get_token(request),
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
    }


def log_in(request: Request, person: Person) -> None:
    """Begin a session with a new key, and record it."""
    login(request, person, backend=sessions.BACKEND)
    sessions.begin(request.session, person, source_of(request))
    audit.record("login", facts.LOGGED_IN(), actor=actor_of(request))


def require_own_page(request: Request) -> None:
    """Refuse a login that another site's page sends: without a session there is no CSRF token.

    And one whose cookies the browser would drop.
    """
    if fault := origin_fault(request):
        raise Problem(403, "csrf_failed", fault)
    if settings.SESSION_COOKIE_SECURE and not request.is_secure():
        detail = (
            "This panel is for HTTPS (ALARM_HTTPS): over HTTP, the browser would drop the login."
            " Open its https:// address. A reverse proxy in between has to send"
            " X-Forwarded-Proto: https."
        )
        raise Problem(403, "https_required", detail)


class SetupView(View):
    permission_classes = (AllowAny,)

    @operation(
        *("Make the first admin and the first PIN, and log in", SessionSerializer),
        status=201,
        body=SetupSerializer,
        loads_body=False,
        raises=SETUP,
        codes=ENTRY,
    )
    def post(self, request: Request) -> dict[str, Any]:
        """Make the first admin and the first code, and log in. Of parallel requests one wins."""
        require_own_page(request)
        # Before the body is validated: a late client learns nothing about the password rules.
        accounts.require_no_person()
        body = checked(SetupSerializer, request.data)
        token = body.pop("token")
        if setup_token.is_required():
            setup_token.check(request, token)
        with transaction.atomic():
            log_in(request, accounts.set_up(source=source_of(request), **body))
        return session_of(request)


class SessionView(View):
    permission_classes = (AllowAny,)

    @operation("Who is logged in, and the CSRF token", SessionSerializer)
    def get(self, request: Request) -> dict[str, Any]:
        return session_of(request)

    @operation(
        *("Log in", SessionSerializer),
        body=LoginSerializer,
        loads_body=False,
        permission=IsSetUp,
        raises=WRONG_LOGIN,
        codes=ENTRY,
    )
    def post(self, request: Request) -> dict[str, Any]:
        require_own_page(request)
        body = checked(LoginSerializer, request.data)
        person = accounts.check_password(request, body["username"], body["password"])
        totp.check(request, person, body["code"])
        with transaction.atomic():
            log_in(request, person)
        return session_of(request)

    @operation("Log out", permission=IsPerson)
    @transaction.atomic
    def delete(self, request: Request) -> None:
        person_id = person_of(request).pk
        logout(request)
        sessions.announce_change(person_id)


class PasswordView(View):
    @operation(
        "Change your password; other sessions end",
        body=PasswordChangeSerializer,
        raises=WRONG_PASSWORD,
        codes={403: ("proof_required",), **THROTTLED},
    )
    def post(self, request: Request, body: dict[str, Any]) -> None:
        person = person_of(request)
        if totp.is_asked(person):
            require_proof(request)  # the password alone must not be enough for another one
        require_good_password(body["new"], person, field="new")
        accounts.confirm_password(request, body["current"])
        accounts.change_for(request, person.pk, {"password": body["new"]})
        proof.give(request.session)


class LanguageView(View):
    @operation("Choose the language of your notifications", body=LanguageSerializer)
    def post(self, request: Request, body: dict[str, Any]) -> None:
        """The page sends it when a person chooses its language."""
        Person.objects.filter(pk=person_of(request).pk).update(language=body["language"])


class ProofView(View):
    @operation(
        "Prove that it is still you; changes by an admin need that every 15 minutes",
        body=ProofSerializer,
        raises=WRONG_LOGIN,
        codes=THROTTLED,
    )
    def post(self, request: Request, body: dict[str, Any]) -> None:
        accounts.confirm_password(request, body["password"])
        totp.check(request, person_of(request), body["code"])
        proof.give(request.session)
