"""The history: each event with its time, its actor and its device."""

from copy import copy
from typing import Any

from django.db import transaction
from django.utils import timezone

from alarm import changes, signals
from alarm.event_serializers import EventSerializer
from alarm.models import Alarm, Event, EventKind, Sensor
from core.sentences import NOTHING, Sentence
from people.actors import Actor

TIMER = Actor(None, "", "timer")
# Their details hold labels of codes, and the label of a duress code gives it away.
MASKED_KINDS = (EventKind.CODE, EventKind.DURESS)
HIDDEN_KINDS = (EventKind.SILENT_PANIC,)  # from all but admins


@transaction.atomic
def record(
    kind: str,
    *,
    cause: str,
    actor: Actor,
    sensor: Sensor | None = None,
    detail: Sentence = NOTHING,
) -> Event:
    """Write one event and announce it, in the caller's transaction.

    It takes the alarm's lock: take all of your own locks before.
    """
    return write(changes.locked_alarm(), kind, cause, actor, sensor, detail=detail)


def record_signal(*, kind: str, cause: str, actor: Actor, detail: Sentence, **_: Any) -> None:
    """Receive `people.audit.recorded`."""
    record(kind, cause=cause, actor=actor, detail=detail)


def write(
    alarm: Alarm,
    kind: str,
    cause: str,
    actor: Actor,
    sensor: Sensor | None = None,
    states: tuple[str, str] = ("", ""),
    detail: Sentence = NOTHING,
) -> Event:
    """Write one event under the lock that `alarm` holds; texts that are too long are cut.

    `states` are the two of a transition, which happened when the alarm changed.
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
        facts=detail.stored,
    )
    masked: dict[str, Any] | None = None
    if kind in MASKED_KINDS:
        masked = EventSerializer(for_residents(event)).data
    elif kind in HIDDEN_KINDS:
        masked = changes.HIDDEN
    changes.add(alarm, "event", EventSerializer(event).data, masked)
    signals.tell(signals.event_written, Event, event=event)
    return event


def for_residents(event: Event) -> Event:
    """Return an event as residents see it: duress is the use of any code, without its label."""
    if event.kind not in MASKED_KINDS:
        return event
    masked = copy(event)
    masked.kind, masked.detail, masked.facts = EventKind.CODE.value, "", ""
    return masked
