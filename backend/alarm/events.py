"""The history: who did what, when, and from which device."""

from typing import NamedTuple

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from alarm import changes
from alarm.devices import address_of, device
from alarm.models import Alarm, Event, Sensor
from alarm.shapes import MASKED_KINDS, event_shape

__all__ = [
    "COMMAND_LINE",
    "TIMER",
    "Actor",
    "actor_of",
    "address_of",
    "record",
    "source_of",
    "write",
]


class Actor(NamedTuple):
    """Who acts: a person or nobody, and the device or part of the app that it came from."""

    person_id: int | None
    person_name: str
    source: str


TIMER = Actor(None, "", "timer")
COMMAND_LINE = Actor(None, "", "command line")


def actor_of(request: HttpRequest) -> Actor:
    """Return who makes a request; nobody, where no person is logged in."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return Actor(None, "", source_of(request))
    return Actor(person.pk, person.name, source_of(request))


def source_of(request: HttpRequest) -> str:
    """Return a request's device in words, such as `Chrome on Android, 192.168.1.7`."""
    return f"{device(request.META.get('HTTP_USER_AGENT', ''))}, {address_of(request)}"


@transaction.atomic
def record(
    kind: str,
    *,
    cause: str,
    actor: Actor,
    sensor: Sensor | None = None,
    from_state: str = "",
    to_state: str = "",
    detail: str = "",
) -> Event:
    """Write one event and announce it, in the caller's transaction.

    It takes the alarm's lock: take all of your own locks before.
    """
    alarm = changes.locked_alarm()
    return write(alarm, kind, cause, actor, sensor, (from_state, to_state), detail)


def write(
    alarm: Alarm,
    kind: str,
    cause: str,
    actor: Actor,
    sensor: Sensor | None = None,
    states: tuple[str, str] = ("", ""),
    detail: str = "",
) -> Event:
    """Write one event under the lock that `alarm` holds; texts that are too long are cut.

    `states` are those that a transition leads from and to: it happened when the alarm changed.
    """
    event = Event.objects.create(
        at=alarm.changed_at if states[1] else timezone.now(),
        kind=str(kind),
        from_state=str(states[0]),
        to_state=str(states[1]),
        cause=str(cause),
        person_id=actor.person_id,
        person_name=actor.person_name[:150],
        sensor_id=sensor.pk if sensor else None,
        sensor_name=sensor.name if sensor else "",
        source=actor.source[:200],
        detail=detail[:500],
    )
    masked = event_shape(event, is_admin=False) if kind in MASKED_KINDS else None
    changes.add(alarm, "event", event_shape(event, is_admin=True), masked)
    return event
