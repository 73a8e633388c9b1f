"""Persons, for admins."""

from django.contrib.auth import logout
from django.db import IntegrityError
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alarm import events
from config.problems import Problem
from people import accounts
from people.models import Person
from people.permissions import IsAdmin
from people.serializers import PersonBody


def found(person_id: int) -> Person:
    """Return a person, or raise NotFound."""
    person = Person.objects.filter(pk=person_id).first()
    if person is None:
        raise NotFound("There is no such person.")
    return person


def name_taken() -> ValidationError:
    """Return the error of two that took a name at the same moment."""
    return ValidationError({"username": "Another person has this user name."})


class PeopleView(APIView):
    """All persons."""

    permission_classes = (IsAdmin,)

    def get(self, request: Request) -> Response:
        """List them all; there are at most 30."""
        return Response(PersonBody(Person.objects.all(), many=True).data)

    def post(self, request: Request) -> Response:
        """Make one."""
        body = PersonBody(data=request.data)
        body.is_valid(raise_exception=True)
        fields = {"name": "", **body.validated_data}
        try:
            person = accounts.create(events.actor_of(request), "api", **fields)
        except accounts.TooManyPeople as error:
            raise Problem(409, "too_many_people", str(error)) from error
        except IntegrityError as error:
            raise name_taken() from error
        return Response(PersonBody(person).data, 201)


class PersonView(APIView):
    """One person."""

    permission_classes = (IsAdmin,)

    def get(self, request: Request, person_id: int) -> Response:
        """Answer one."""
        return Response(PersonBody(found(person_id)).data)

    def patch(self, request: Request, person_id: int) -> Response:
        """Change one. A new password or a deactivation ends the person's sessions."""
        body = PersonBody(found(person_id), data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        try:
            person = accounts.change_for(request, person_id, body.validated_data)
        except accounts.LastAdmin as error:
            raise Problem(409, "last_admin", str(error)) from error
        except Person.DoesNotExist as error:
            raise NotFound("There is no such person.") from error
        except IntegrityError as error:
            raise name_taken() from error
        return Response(PersonBody(person).data)

    def delete(self, request: Request, person_id: int) -> Response:
        """Remove one, with their codes and sessions; what they did stays in the history."""
        try:
            accounts.remove(person_id, events.actor_of(request))
        except accounts.LastAdmin as error:
            raise Problem(409, "last_admin", str(error)) from error
        except Person.DoesNotExist as error:
            raise NotFound("There is no such person.") from error
        if request.user.pk == person_id:
            logout(request._request)
        return Response(status=204)
