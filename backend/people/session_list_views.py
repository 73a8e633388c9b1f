"""The list of sessions over HTTP, and their end."""

from django.db import transaction
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from core.guard import ONLY_WHILE_DISARMED
from core.views import View, operation
from people import audit, facts, session_list, sessions
from people.actors import actor_of
from people.guarded import while_disarmed
from people.models import Person
from people.permissions import IsAdmin, person_of
from people.serializers import ListedSessionSerializer

MISSING = {404: ("not_found",)}


class SessionsView(View):
    @operation(
        *("Your sessions; for an admin everyone's", ListedSessionSerializer),
        many=True,
    )
    def get(self, request: Request) -> list[session_list.Listed]:
        return session_list.listed(request)

    @operation("End all of your sessions but this one")
    @transaction.atomic
    def delete(self, request: Request) -> None:
        sessions.end_all(person_of(request).pk, except_key=request.session.session_key)


class SessionsOfPersonView(View):
    permission_classes = (IsAdmin,)

    @operation("End all sessions of a person", raises=ONLY_WHILE_DISARMED, codes=MISSING)
    @while_disarmed()
    def delete(self, request: Request, person_id: int) -> None:
        """End them; if it is you, all but this one."""
        person = Person.objects.filter(pk=person_id).first()
        if person is None:
            raise NotFound("There is no such person.")
        detail = facts.SESSIONS_ENDED(username=person.username)
        audit.record("person", detail, actor=actor_of(request))
        keep = request.session.session_key if person == request.user else None
        sessions.end_all(person.pk, except_key=keep)


class OneSessionView(View):
    @operation(
        "End a session; another's only by an admin",
        raises={session_list.UnknownSession: (404, "not_found"), **ONLY_WHILE_DISARMED},
        codes={403: ("proof_required",)},
    )
    @transaction.atomic
    def delete(self, request: Request, session_id: str) -> None:
        session_list.end(request, session_id)
