"""The notification about an event: its kind, and its text in English."""

from typing import NamedTuple

from alarm import sensor_rules
from alarm.events import SILENCED
from alarm.models import Cause, Event, EventKind, Sensor
from alarm.sensor_rules import TROUBLE_WORDS
from alarm.sensor_types import Trouble
from alarm.transitions import State
from notifications.kinds import Kind

BY_PEOPLE = (Cause.API, Cause.MQTT, Cause.COMMAND)


class Message(NamedTuple):
    """A notification for each that subscribes to its kind.

    Those with an equal `key` may be joined. `person_id` is whose act it tells of.
    """

    kind: Kind
    key: str
    title: str
    text: str
    event_id: int | None = None
    person_id: int | None = None


def of_event(event: Event) -> Message | None:
    """Return the message about an event; None if the event has none."""
    match event.kind:
        case EventKind.TRANSITION:
            return _of_transition(event)
        case EventKind.DURESS:
            title, text = "Duress code", event.detail or "A duress code was used."
            return _message(Kind.DURESS, "duress", title, text, event)
        case EventKind.SILENT_PANIC:
            text = event.detail or "The silent panic button was pressed."
            return _message(Kind.DURESS, "silent_panic", "Silent panic", text, event)
        case EventKind.TROUBLE:
            name = event.sensor_name or "the panel"
            key = f"trouble:{event.sensor_id}"
            return _message(Kind.TROUBLE, key, f"Trouble: {name}", event.detail, event)
        case EventKind.OUTPUT if event.cause == Cause.TIMER:  # others are changes by people
            key = f"output:{event.source}"[:100]
            return _message(Kind.TROUBLE, key, "Trouble: output", event.detail, event)
        case EventKind.LOCKOUT:
            key = f"lockout:{event.source}"[:100]
            return _message(Kind.TROUBLE, key, "Wrong PINs or passwords", event.detail, event)
    return None


def _of_transition(event: Event) -> Message | None:
    if event.to_state == State.TRIGGERED and event.detail != SILENCED:
        name = event.sensor_name or event.person_name
        title = f"Alarm: {name}" if name else "Alarm"
        return _message(Kind.ALARM, f"alarm:{event.sensor_id}", title, _reason(event), event)
    if event.cause not in BY_PEOPLE:
        return None
    by = f"by {event.person_name}" if event.person_name else f"from {event.source}"
    if event.to_state == State.TRIGGERED:
        text = f"Silenced {by}; there is still danger."
        return _message(Kind.ARMING, "arming", "Silenced", text, event)
    word = "Disarmed" if event.to_state == State.DISARMED else "Armed"
    return _message(Kind.ARMING, "arming", word, f"{word} {by}.", event)


def _reason(event: Event) -> str:
    """Return why the alarm was set off."""
    sensor = Sensor.objects.filter(pk=event.sensor_id).first() if event.sensor_id else None
    if sensor is not None:
        is_tampering = sensor.tampered and not sensor.active
        words = TROUBLE_WORDS[Trouble.TAMPER][0] if is_tampering else sensor_rules.words(sensor)
        return f"{sensor.name}: {words}"
    if event.from_state == State.PENDING:
        entered = Event.objects.filter(kind=EventKind.TRANSITION, to_state=State.PENDING).first()
        name = entered.sensor_name if entered else ""
        return f"It was not disarmed in time after the entry{' by ' + name if name else ''}."
    return f"Set off by {event.person_name or event.source}."


def _message(kind: Kind, key: str, title: str, text: str, event: Event) -> Message:
    return Message(kind, key, title, text, event.pk, event.person_id)
