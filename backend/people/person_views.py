"""Persons over HTTP, for admins."""

from typing import Any

from django.contrib.auth import logout
from django.db import IntegrityError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request

from core import faults
from core.guard import ONLY_WHILE_DISARMED
from core.views import Raises, View, checked, operation
from people import accounts
from people.actors import actor_of
from people.guarded import while_disarmed
from people.models import Person
from people.permissions import IsAdmin
from people.serializers import USERNAME_TAKEN, PersonSerializer

LAST_ADMIN: Raises = {accounts.LastAdmin: (409, "last_admin")}
MISSING = {404: ("not_found",)}


def found(person_id: int) -> Person:
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFound("There is no such person.")
    return person


def name_taken() -> ValidationError:
    """Return the error of the later of two requests that take a name at the same moment."""
    return faults.invalid(USERNAME_TAKEN(), "username")


class PeopleView(View):
    permission_classes = (IsAdmin,)

    @operation("All persons", PersonSerializer, many=True)
    def get(self, request: Request) -> QuerySet[Person]:
        return Person.objects.all()

    @operation(
        *("Add a person", PersonSerializer),
        status=201,
        body=PersonSerializer,
        raises={**ONLY_WHILE_DISARMED, accounts.TooManyPeople: (409, "too_many_people")},
    )
    @while_disarmed()
    def post(self, request: Request, body: dict[str, Any]) -> Person:
        try:
            return accounts.create(actor_of(request), "api", **{"name": "", **body})
        except IntegrityError as error:
            raise name_taken() from error


class PersonView(View):
    permission_classes = (IsAdmin,)

    @operation("One person", PersonSerializer, codes=MISSING)
    def get(self, request: Request, person_id: int) -> Person:
        return found(person_id)

    @operation(
        *("Change a person", PersonSerializer),
        body=PersonSerializer,
        loads_body=False,
        raises={**LAST_ADMIN, **ONLY_WHILE_DISARMED},
        codes=MISSING,
    )
    @while_disarmed()
    def patch(self, request: Request, person_id: int) -> Person:
        """Change one. A new password or a deactivation ends the person's sessions."""
        body = checked(PersonSerializer, request.data, found(person_id), partial=True)
        try:
            return accounts.change_for(request, person_id, body)
        except Person.DoesNotExist as error:
            raise NotFound("There is no such person.") from error
        except IntegrityError as error:
            raise name_taken() from error

    @operation(
        "Remove a person, with their codes and sessions",
        raises={**LAST_ADMIN, **ONLY_WHILE_DISARMED},
        codes=MISSING,
    )
    @while_disarmed()
    def delete(self, request: Request, person_id: int) -> None:
        try:
            accounts.remove(person_id, actor_of(request))
        except Person.DoesNotExist as error:
            raise NotFound("There is no such person.") from error
        if request.user.pk == person_id:
            logout(request)
