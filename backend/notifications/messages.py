"""The notification about an event: its kind, and its sentences, for each reader's language."""

from typing import NamedTuple

from alarm import sensor_rules
from alarm.facts import SILENCED, TROUBLE_WORDS
from alarm.models import Cause, Event, EventKind, Sensor
from alarm.sensor_types import Trouble
from alarm.transitions import State
from core.sentences import Sentence, restored
from notifications import facts
from notifications.kinds import Kind

BY_PEOPLE = (Cause.API, Cause.MQTT, Cause.COMMAND)


class Message(NamedTuple):
    """A notification for each that subscribes to its kind.

    Those with an equal `key` may be joined. `person_id` is whose act it tells of.
    """

    kind: Kind
    key: str
    title: Sentence
    text: Sentence
    event_id: int | None = None
    person_id: int | None = None


def of_event(event: Event) -> Message | None:
    """Return the message about an event; None if the event has none."""
    detail = restored(event.detail, event.facts)
    match event.kind:
        case EventKind.TRANSITION:
            return _of_transition(event)
        case EventKind.DURESS:
            text = detail or facts.DURESS_USED
            return _message(Kind.DURESS, "duress", facts.DURESS_TITLE, text, event)
        case EventKind.SILENT_PANIC:
            text = detail or facts.PANIC_PRESSED
            return _message(Kind.DURESS, "silent_panic", facts.PANIC_TITLE, text, event)
        case EventKind.TROUBLE:
            name = event.sensor_name
            title = facts.TROUBLE_TITLE(name=name) if name else facts.PANEL_TITLE
            key = f"trouble:{event.sensor_id}"
            return _message(Kind.TROUBLE, key, title, detail, event)
        case EventKind.OUTPUT if event.cause == Cause.TIMER:  # others are changes by people
            key = f"output:{event.source}"[:100]
            return _message(Kind.TROUBLE, key, facts.OUTPUT_TITLE, detail, event)
        case EventKind.LOCKOUT:
            key = f"lockout:{event.source}"[:100]
            return _message(Kind.TROUBLE, key, facts.LOCKOUT_TITLE, detail, event)
    return None


def _of_transition(event: Event) -> Message | None:
    if event.to_state == State.TRIGGERED and event.detail != SILENCED:
        name = event.sensor_name or event.person_name
        title = facts.ALARM_TITLE(name=name) if name else facts.ALARM_ALONE
        return _message(Kind.ALARM, f"alarm:{event.sensor_id}", title, _reason(event), event)
    if event.cause not in BY_PEOPLE:
        return None
    what, title = "armed", facts.ARMED_TITLE
    if event.to_state == State.TRIGGERED:
        what, title = "silenced", facts.SILENCED_TITLE
    elif event.to_state == State.DISARMED:
        what, title = "disarmed", facts.DISARMED_TITLE
    text = (facts.BY_PERSON if event.person_name else facts.FROM_SOURCE)[what]
    by = text(name=event.person_name or event.source)
    return _message(Kind.ARMING, "arming", title, by, event)


def _reason(event: Event) -> Sentence:
    """Return why the alarm was set off."""
    sensor = Sensor.objects.filter(pk=event.sensor_id).first() if event.sensor_id else None
    if sensor is not None:
        is_tampering = sensor.tampered and not sensor.active
        words = TROUBLE_WORDS[Trouble.TAMPER][0] if is_tampering else sensor_rules.words(sensor)
        return facts.OF_SENSOR(name=sensor.name, words=words)
    if event.from_state == State.PENDING:
        entered = Event.objects.filter(kind=EventKind.TRANSITION, to_state=State.PENDING).first()
        name = entered.sensor_name if entered else ""
        return facts.NOT_IN_TIME_BY(name=name) if name else facts.NOT_IN_TIME
    return facts.SET_OFF(name=event.person_name or event.source)


def _message(kind: Kind, key: str, title: Sentence, text: Sentence, event: Event) -> Message:
    return Message(kind, key, title, text, event.pk, event.person_id)
