"""The actor of an event: a person, a part of the app, or an unknown client."""

from typing import NamedTuple

from django.http import HttpRequest
from rest_framework.request import Request

from core.devices import address_of, device


class Actor(NamedTuple):
    """The person, if one is known, and the device or part of the app that the action came from."""

    person_id: int | None
    person_name: str
    source: str


COMMAND_LINE = Actor(None, "", "command line")


def actor_of(request: HttpRequest | Request) -> Actor:
    """Return the actor of a request; without a person where none is logged in."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return Actor(None, "", source_of(request))
    return Actor(person.pk, person.name, source_of(request))


def source_of(request: HttpRequest | Request) -> str:
    """Return a request's device in words, such as `Chrome on Android, 192.168.1.7`."""
    return f"{device(request.META.get('HTTP_USER_AGENT', ''))}, {address_of(request)}"
