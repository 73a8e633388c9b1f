"""The first run, logging in and out, and changing one's own password."""

from django.contrib.auth import login, logout
from django.db import transaction
from django.middleware.csrf import get_token
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alarm import events
from config.hosts import is_same_origin
from config.problems import Problem
from people import accounts, lockout, sessions
from people.models import Person
from people.permissions import IsPerson, IsSetUp
from people.serializers import Login, PasswordChange, SessionBody, Setup, require_good_password


def session_body(request: Request) -> dict:
    """Return what a page has to know first; asking for the token sends its cookie too."""
    person = request.user if isinstance(request.user, Person) else None
    body = {
        "setup_required": person is None and not Person.objects.exists(),
        "person": person,
        "csrf_token": get_token(request),
    }
    return SessionBody(body).data


def log_in(request: Request, person: Person) -> None:
    """Begin a session with a new key, and record whose."""
    login(request._request, person, backend=sessions.BACKEND)
    request.user = person
    events.record("login", cause="api", actor=events.actor_of(request), detail="Logged in.")


def require_own_page(request: Request) -> None:
    """Refuse a log-in that another site's page sends; who has no session has no token to check."""
    origin = request.META.get("HTTP_ORIGIN")
    if origin is not None and not is_same_origin(origin, request.get_host()):
        raise Problem(403, "csrf_failed", "The page has to be loaded again: another site sent it.")


class SetupView(APIView):
    """The first run."""

    permission_classes = (AllowAny,)

    @transaction.atomic
    def post(self, request: Request) -> Response:
        """Make the first admin and the first code, and log in. Of many at once, one wins."""
        require_own_page(request)
        # Before the body is judged: who comes late shall not learn what passwords are like here.
        if Person.objects.exists():
            raise Problem(409, "already_set_up", "The panel is set up already: log in.")
        body = Setup(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            person = accounts.set_up(source=events.source_of(request), **body.validated_data)
        except accounts.AlreadySetUp as error:
            raise Problem(409, "already_set_up", str(error)) from error
        log_in(request, person)
        return Response(session_body(request), 201)


class SessionView(APIView):
    """The session of this browser."""

    def get_permissions(self) -> list:
        """Anyone may look and log in; logging out takes a session."""
        rules = {"GET": AllowAny, "POST": IsSetUp, "DELETE": IsPerson}
        return [rules.get(self.request.method, AllowAny)()]

    def get(self, request: Request) -> Response:
        """Answer who is logged in, if anyone."""
        return Response(session_body(request))

    def post(self, request: Request) -> Response:
        """Log in."""
        require_own_page(request)
        body = Login(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            person = accounts.check_password(request, **body.validated_data)
        except accounts.WrongCredentials as error:
            raise Problem(403, "wrong_credentials", str(error)) from error
        except lockout.LockedOut as error:
            raise Problem(429, "locked_out", str(error), wait=error.seconds) from error
        with transaction.atomic():
            log_in(request, person)
        return Response(session_body(request))

    @transaction.atomic
    def delete(self, request: Request) -> Response:
        """Log out."""
        person_id = request.user.pk
        logout(request._request)
        sessions.look_again(person_id)
        return Response(status=204)


class PasswordView(APIView):
    """One's own password."""

    def post(self, request: Request) -> Response:
        """Change it; the person's other sessions end."""
        body = PasswordChange(data=request.data)
        body.is_valid(raise_exception=True)
        person, new = request.user, body.validated_data["new"]
        require_good_password(new, person, field="new")
        try:
            accounts.confirm_password(request, body.validated_data["current"])
        except accounts.WrongCredentials as error:
            raise Problem(403, "wrong_credentials", str(error)) from error
        except lockout.LockedOut as error:
            raise Problem(429, "locked_out", str(error), wait=error.seconds) from error
        accounts.change_for(request, person.pk, {"password": new})
        return Response(status=204)
