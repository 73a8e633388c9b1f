"""Adding, changing and removing sensors. Each function is one transaction.

What weakens the alarm raises NotDisarmed unless it is disarmed.
"""

from typing import Any

from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404

from alarm import changes, sensor_reports, sensor_rules
from alarm.guard import refuse_unless_disarmed
from alarm.models import EventKind, Kind, Mode, Sensor
from alarm.serializers import MOST_SENSORS
from alarm.unit_of_work import UnitOfWork, unit_of_work
from people.actors import Actor


class NameTaken(Exception):
    """Another sensor has this name, in whichever case."""


class TooManySensors(Exception):
    """There are as many sensors as there may be."""


def create(actor: Actor, cause: str, **fields: Any) -> Sensor:
    """Add a sensor; return it with its `token`. Raises NameTaken or TooManySensors.

    Without `modes` it is live in all; a motion sensor in `away` only.
    """
    fields.setdefault("modes", [Mode.AWAY] if fields["kind"] == Kind.MOTION else list(Mode))
    with unit_of_work(cause, actor) as work:
        refuse_unless_disarmed(work.alarm)
        if Sensor.objects.count() >= MOST_SENSORS:
            raise TooManySensors(f"There are {MOST_SENSORS} sensors already: remove one first.")
        sensor = Sensor(**fields)
        sensor_reports.renew_token(sensor)
        _store(work, sensor, "Added.")
    return sensor


def change(sensor_id: int, actor: Actor, cause: str, **fields: Any) -> Sensor:
    """Change a sensor and return it. Raises NameTaken, or Http404."""
    with unit_of_work(cause, actor) as work:
        refuse_unless_disarmed(work.alarm)
        sensor = get_object_or_404(Sensor, pk=sensor_id)
        before = {name: getattr(sensor, name) for name in fields}
        for name, value in fields.items():
            setattr(sensor, name, value)
        if before != fields:
            _store(work, sensor, f"Changed: {', '.join(sorted(fields))}.")
            work.refresh_readiness()
    return sensor


def remove(sensor_id: int, actor: Actor, cause: str) -> None:
    """Remove a sensor; its events stay. Raises Http404."""
    with unit_of_work(cause, actor) as work:
        refuse_unless_disarmed(work.alarm)
        sensor = get_object_or_404(Sensor, pk=sensor_id)
        work.record(EventKind.SETTING, sensor, "Removed.")
        changes.add(work.alarm, "sensor_removed", {"id": sensor.pk})
        sensor.delete()
        work.refresh_readiness()


def renew_token(sensor_id: int, actor: Actor, cause: str) -> Sensor:
    """Give a sensor a new `token` and return the sensor; the old one ends. Raises Http404."""
    with unit_of_work(cause, actor) as work:
        refuse_unless_disarmed(work.alarm)
        sensor = get_object_or_404(Sensor, pk=sensor_id)
        sensor_reports.renew_token(sensor)
        sensor.save(update_fields=["token_hash"])
        work.record(EventKind.SETTING, sensor, "New token.")
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


def _store(work: UnitOfWork, sensor: Sensor, detail: str) -> None:
    """Store a new or changed sensor, announce and record it."""
    if sensor.kind in sensor_rules.ALWAYS_LIVE:
        sensor.modes, sensor.entry_delay, sensor.bypassed = list(Mode), False, False
    sensor.modes = [mode.value for mode in Mode if mode in sensor.modes]
    try:
        with transaction.atomic():
            work.save_sensor(sensor)
    except IntegrityError as error:
        raise NameTaken(f"Another sensor is called {sensor.name} already.") from error
    work.record(EventKind.SETTING, sensor, detail)
