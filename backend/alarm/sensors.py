"""The list of sensors: adding, changing and removing them. Each function is one transaction."""

from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404

from alarm import changes, reports, sensing
from alarm.events import Actor
from alarm.models import EventKind, Kind, Mode, Sensor
from alarm.serializers import MOST_SENSORS
from alarm.turn import Turn, turn


class NameTaken(Exception):
    """Another sensor has this name, in whichever case."""


class TooManySensors(Exception):
    """There are as many sensors as there may be."""


def create(actor: Actor, cause: str, **fields) -> tuple[Sensor, str]:
    """Add a sensor; return it and its token. Raises NameTaken or TooManySensors.

    Without `modes` it is live in all; a motion sensor while nobody is at home.
    """
    fields.setdefault("modes", [Mode.AWAY] if fields["kind"] == Kind.MOTION else list(Mode))
    with turn(cause, actor) as mine:
        if Sensor.objects.count() >= MOST_SENSORS:
            raise TooManySensors(f"There are {MOST_SENSORS} sensors already: remove one first.")
        sensor = Sensor(**fields)
        token = reports.new_token(sensor)
        _store(mine, sensor, "Added.")
    return sensor, token


def change(sensor_id: int, actor: Actor, cause: str, **fields) -> Sensor:
    """Change a sensor and return it. Raises NameTaken, or Http404."""
    with turn(cause, actor) as mine:
        sensor = get_object_or_404(Sensor, pk=sensor_id)
        before = {name: getattr(sensor, name) for name in fields}
        for name, value in fields.items():
            setattr(sensor, name, value)
        if before != fields:
            _store(mine, sensor, f"Changed: {', '.join(sorted(fields))}.")
            mine.refresh_readiness()
    return sensor


def remove(sensor_id: int, actor: Actor, cause: str) -> None:
    """Remove a sensor; its events stay. Raises Http404."""
    with turn(cause, actor) as mine:
        sensor = get_object_or_404(Sensor, pk=sensor_id)
        mine.record(EventKind.SETTING, sensor, "Removed.")
        changes.add(mine.alarm, "sensor_removed", {"id": sensor.pk})
        sensor.delete()
        mine.refresh_readiness()


def renew_token(sensor_id: int, actor: Actor, cause: str) -> str:
    """Give a sensor a new token and return it; the old one ends at once. Raises Http404."""
    with turn(cause, actor) as mine:
        sensor = get_object_or_404(Sensor, pk=sensor_id)
        token = reports.new_token(sensor)
        sensor.save(update_fields=["token_hash"])
        mine.record(EventKind.SETTING, sensor, "New token.")
    return token


def bypass(sensor_id: int, bypassed: bool, actor: Actor, cause: str) -> Sensor:
    """Bypass a sensor until the next disarming, or end that. Raises CannotBypass, or Http404."""
    with turn(cause, actor) as mine:
        sensor = get_object_or_404(Sensor, pk=sensor_id)
        mine.bypass([sensor], bypassed)
        mine.refresh_readiness()
    return sensor


def _store(mine: Turn, sensor: Sensor, detail: str) -> None:
    """Store a new or changed sensor, announce and record it."""
    if sensor.kind in sensing.ALWAYS_LIVE:
        sensor.modes, sensor.entry_delay, sensor.bypassed = list(Mode), False, False
    sensor.modes = [mode.value for mode in Mode if mode in sensor.modes]
    try:
        with transaction.atomic():
            mine.save_sensor(sensor)
    except IntegrityError as error:
        raise NameTaken(f"Another sensor is called {sensor.name} already.") from error
    mine.record(EventKind.SETTING, sensor, detail)
