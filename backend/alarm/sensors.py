"""Adding, changing and removing sensors. Each function is one transaction.

What weakens the alarm raises NotDisarmed unless it is disarmed.
"""

from typing import Any

from django.db import IntegrityError, transaction
from django.dispatch import Signal
from django.shortcuts import get_object_or_404
from django.utils import timezone

from alarm import changes, facts, sensor_reports, sensor_rules
from alarm.guard import refuse_unless_disarmed
from alarm.models import EventKind, Sensor
from alarm.sensor_types import TYPES, Kind, Mode, defaults
from alarm.serializers import MOST_SENSORS
from alarm.unit_of_work import UnitOfWork, unit_of_work
from core.sentences import FAULTS, Sentence
from people.actors import Actor

NO_SUCH_TYPE = FAULTS.add("no_such_type", "A sensor of the kind {kind} has one of: {types}.")
NO_ENTRY_DELAY = FAULTS.add("no_entry_delay", "Only an entry/exit sensor has an entry delay.")
NO_FINAL_DOOR = FAULTS.add("no_final_door", "Only an entry/exit door ends the exit delay.")
NO_CHIME = FAULTS.add("no_chime", "A sensor of this type has no chime.")

token_given = Signal()
"""Sent in the transaction that stores a sensor with a new `token`, with `sensor`."""


class NameTaken(Exception):
    """Another sensor has this name, in whichever case."""


class Unsuitable(Exception):
    """A sensor of this kind and type cannot have this; `field` is the name of what is wrong."""

    def __init__(self, field: str, sentence: Sentence) -> None:
        self.field = field
        super().__init__(sentence)


class TooManySensors(Exception):
    """There are as many sensors as there may be."""


def create(actor: Actor, cause: str, **fields: Any) -> Sensor:
    """Add a sensor; return it with its `token`. Raises NameTaken, TooManySensors or Unsuitable.

    What is left out is its type's default, and the type its kind's.
    """
    with unit_of_work(cause, actor) as work:
        refuse_unless_disarmed(work.alarm)
        if Sensor.objects.count() >= MOST_SENSORS:
            raise TooManySensors(f"There are {MOST_SENSORS} sensors already: remove one first.")
        sensor = Sensor(**completed(fields["kind"], fields))
        sensor_reports.renew_token(sensor)
        _store(work, sensor, facts.ADDED)
        token_given.send(Sensor, sensor=sensor)
        work.refresh_readiness()
    return sensor


def change(sensor_id: int, actor: Actor, cause: str, **fields: Any) -> Sensor:
    """Change a sensor and return it. Raises NameTaken, Unsuitable, or Http404.

    With another kind or type, what depends on it and is left out becomes the new type's default.
    """
    with unit_of_work(cause, actor) as work:
        refuse_unless_disarmed(work.alarm)
        sensor = get_object_or_404(Sensor, pk=sensor_id)
        kind = fields.get("kind", sensor.kind)
        if kind != sensor.kind:
            fields = completed(kind, fields)
        elif fields.get("type", sensor.type) != sensor.type:
            fields = completed(kind, {"heartbeat": sensor.heartbeat, **fields})
        changed = [name for name in fields if fields[name] != getattr(sensor, name)]
        for name in changed:
            setattr(sensor, name, fields[name])
        if changed:
            _store(work, sensor, facts.CHANGED(fields=facts.fields(changed)))
            work.refresh_readiness()
            work.clear()
    return sensor


def completed(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a sensor with the defaults of its kind and type."""
    type = fields.get("type", TYPES[Kind(kind)][0])
    default = defaults(kind, type)
    usual = {"modes": default.modes, "chime": default.chime, "final_door": False}
    return {"type": str(type), "entry_delay": None, "heartbeat": None, **usual, **fields}


def remove(sensor_id: int, actor: Actor, cause: str) -> None:
    """Remove a sensor; its events stay. Raises Http404."""
    with unit_of_work(cause, actor) as work:
        refuse_unless_disarmed(work.alarm)
        sensor = get_object_or_404(Sensor, pk=sensor_id)
        work.record(EventKind.SETTING, sensor, facts.REMOVED)
        changes.add(work.alarm, "sensor_removed", {"id": sensor.pk})
        sensor.delete()
        work.refresh_readiness()
        work.clear()


def renew_token(sensor_id: int, actor: Actor, cause: str) -> Sensor:
    """Give a sensor a new `token` and return the sensor; the old one ends. Raises Http404."""
    with unit_of_work(cause, actor) as work:
        refuse_unless_disarmed(work.alarm)
        sensor = get_object_or_404(Sensor, pk=sensor_id)
        sensor_reports.renew_token(sensor)
        sensor.save(update_fields=["token_hash"])
        token_given.send(Sensor, sensor=sensor)
        work.record(EventKind.SETTING, sensor, facts.NEW_TOKEN)
    return sensor


def bypass(sensor_id: int, bypassed: bool, actor: Actor, cause: str) -> Sensor:
    """Bypass a sensor until the next disarming, or end that, which is possible in every state.

    Raises CannotBypass, or Http404.
    """
    with unit_of_work(cause, actor) as work:
        if bypassed:
            refuse_unless_disarmed(work.alarm)
        sensor = get_object_or_404(Sensor, pk=sensor_id)
        work.bypass([sensor], bypassed)
        work.refresh_readiness()
    return sensor


def _store(work: UnitOfWork, sensor: Sensor, detail: Sentence) -> None:
    """Store a new or changed sensor, announce and record it."""
    _require_suitable(sensor)
    default = defaults(sensor.kind, sensor.type)
    wanted = sensor.modes if default.has_modes else default.modes
    sensor.modes = [mode.value for mode in Mode if mode in wanted]
    sensor.bypassed &= sensor_rules.can_be_bypassed(sensor)
    sensor.no_contact &= sensor_rules.is_unheard(sensor, timezone.now())
    try:
        with transaction.atomic():
            work.save_sensor(sensor)
    except IntegrityError as error:
        raise NameTaken(f"Another sensor is called {sensor.name} already.") from error
    work.record(EventKind.SETTING, sensor, detail)


def _require_suitable(sensor: Sensor) -> None:
    """Raise Unsuitable where a sensor has what its kind or type cannot have."""
    types = TYPES[Kind(sensor.kind)]
    if sensor.type not in types:
        listed = ", ".join(types)
        raise Unsuitable("type", NO_SUCH_TYPE(kind=sensor.kind, types=listed))
    default = defaults(sensor.kind, sensor.type)
    if sensor.entry_delay is not None and not default.has_entry_delay:
        raise Unsuitable("entry_delay", NO_ENTRY_DELAY())
    if sensor.final_door and not default.has_final_door:
        raise Unsuitable("final_door", NO_FINAL_DOOR())
    if sensor.chime and not default.has_chime:
        raise Unsuitable("chime", NO_CHIME())
