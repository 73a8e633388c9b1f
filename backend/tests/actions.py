"""Helpers of tests: set up the alarm, act on it, and read its state."""

from collections.abc import Callable

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alarm import sensor_reports, services
from alarm.models import Alarm, AlarmSettings, Cause, Sensor
from alarm.sensor_types import TYPES, Kind
from alarm.serializers import AlarmSerializer
from people.actors import Actor
from people.models import Session
from people.session_store import SessionStore

ANNA = Actor(1, "Anna", "Firefox on Linux, 192.168.1.7")
SENSOR = Actor(None, "", "sensor")
SESSION_COOKIE, CSRF_COOKIE = settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME
ALL = ["home", "away", "night", "vacation"]


def by_mode(seconds: int) -> dict[str, int]:
    """Return a delay that is the same in each mode."""
    return dict.fromkeys(ALL, seconds)


def edit_sessions(edit: Callable[[dict], object]) -> None:
    """Let `edit` change the data of each session; the database does not have their keys."""
    for row in Session.objects.all():
        data = row.get_decoded()
        edit(data)
        row.session_data = SessionStore().encode(data)
        row.save()


def set_delays(**values: int) -> None:
    """Set the alarm's settings, such as exit_delay in seconds, which is then every mode's."""
    AlarmSettings.load()
    delays = {name: by_mode(value) for name, value in values.items() if name.endswith("_delay")}
    AlarmSettings.objects.update(**values | delays)


def make_sensor(name: str = "Back door", kind: str = "door", **fields) -> Sensor:
    """Make a sensor that was heard and is closed; it is live in every mode, without a delay."""
    types = TYPES[Kind(kind)]
    usual = {
        "type": "perimeter" if "perimeter" in types else types[0].value,
        "modes": ALL,
        "last_heard_at": timezone.now(),
    }
    return Sensor.objects.create(**{"name": name, "kind": kind, **usual, **fields})


def shown(alarm: Alarm) -> dict:
    """Return the alarm as the API answers it."""
    return AlarmSerializer(alarm).data


def current() -> dict:
    return shown(services.current())


def arm(mode: str = "away", **options) -> dict:
    return shown(services.arm(mode, ANNA, Cause.API, **options))


def disarm(code=None) -> dict:
    return shown(services.disarm(ANNA, Cause.API, code))


def hear(sensor: Sensor, active: bool = True, **options) -> int:
    """Let a sensor report."""
    return sensor_reports.take(sensor.pk, active, actor=SENSOR, cause=Cause.SENSOR, **options)


def fire_due() -> dict | None:
    """End a delay that is over, as the worker does; None without one."""
    delay = services.running_delay()
    ended = services.end_delay(delay.deadline) if delay and delay.remaining <= 0 else None
    return shown(ended) if ended else None


def end_delay() -> dict | None:
    """Set the deadline of the running delay to now, and end it, before a worker that runs does."""
    with transaction.atomic():
        Alarm.objects.filter(deadline__isnull=False).update(deadline=timezone.now())
        return fire_due()


def armed(mode: str = "away") -> dict:
    """Arm, with the exit delay over."""
    arm(mode)
    ended = end_delay()
    assert ended
    return ended


def state() -> str:
    return current()["state"]


def is_state(wanted: str):
    """Return a condition for `until`."""
    return lambda: state() == wanted
