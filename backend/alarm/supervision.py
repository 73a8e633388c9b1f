"""Notices sensors whose heartbeat runs out, when it does; otherwise it writes nothing.

Heartbeats are measured by our clock, which can be set. If it jumps ahead, what was heard before is
moved along, so that no sensor loses contact by that. A moment of the future, which a clock that was
set back leaves behind, becomes now.
"""

import datetime as dt
from collections.abc import Iterable

from django.utils import timezone

from alarm import clock, sensor_rules
from alarm.events import TIMER
from alarm.facts import TROUBLE_WORDS
from alarm.models import Cause, EventKind, Sensor
from alarm.sensor_types import Trouble
from alarm.unit_of_work import UnitOfWork, unit_of_work

LONGEST_PAUSE = 10.0  # seconds; a new sensor, or another heartbeat, may be due earlier
JUMP = dt.timedelta(seconds=60)  # smaller ones are corrections of the clock


class Supervision:
    """Used by one thread, the leading worker's."""

    def __init__(self) -> None:
        self._look_at = float("-inf")
        self._seen: tuple[dt.datetime, float] | None = None  # both clocks at the last look

    def tick(self) -> None:
        """Look, if it is time to; raises what a lost database raises."""
        steady, now = clock.steady_time(), timezone.now()
        if steady < self._look_at:
            return
        jump = dt.timedelta()
        if self._seen:
            jump = (now - self._seen[0]) - dt.timedelta(seconds=steady - self._seen[1])
        else:
            # The last version may have had other rules for what prevents arming.
            with unit_of_work(Cause.TIMER, TIMER) as work:
                work.refresh_readiness()
        sensors = list(Sensor.objects.all())
        if any(is_off(sensor, now, jump) for sensor in sensors):
            with unit_of_work(Cause.TIMER, TIMER) as work:
                correct_heard(work, now, jump)
            sensors = list(Sensor.objects.all())
        if any(is_lost(sensor, now) for sensor in sensors):
            with unit_of_work(Cause.TIMER, TIMER) as work:
                notice_lost(work, now)
        self._seen = (now, steady)
        self._look_at = steady + min([LONGEST_PAUSE, *seconds_left(sensors, now)])


def seconds_left(sensors: Iterable[Sensor], now: dt.datetime) -> list[float]:
    """Return the seconds until each heartbeat that still runs is over."""
    ends = (sensor.no_contact_from for sensor in sensors if not sensor.no_contact)
    return [(end - now).total_seconds() for end in ends if end and end > now]


def is_lost(sensor: Sensor, now: dt.datetime) -> bool:
    """Return whether a sensor has just lost contact."""
    return not sensor.no_contact and sensor_rules.is_unheard(sensor, now)


def notice_lost(work: UnitOfWork, now: dt.datetime) -> None:
    """Store and record which sensors have lost contact."""
    for sensor in Sensor.objects.all():
        if is_lost(sensor, now):
            sensor.no_contact = True
            work.save_sensor(sensor, "no_contact")
            work.record(EventKind.TROUBLE, sensor, TROUBLE_WORDS[Trouble.NO_CONTACT][0])
    work.refresh_readiness()


def corrected(moment: dt.datetime, now: dt.datetime, jump: dt.timedelta) -> dt.datetime:
    """Return a moment of the past as the clock shows it after it has jumped."""
    if moment > now + JUMP:
        return now
    return moment + jump if jump >= JUMP and moment <= now - jump else moment


def is_off(sensor: Sensor, now: dt.datetime, jump: dt.timedelta) -> bool:
    """Return whether the moment that a heartbeat counts from is of a clock that has jumped."""
    since = sensor.last_heard_at or sensor.created_at
    return corrected(since, now, jump) != since


def correct_heard(work: UnitOfWork, now: dt.datetime, jump: dt.timedelta) -> None:
    """Store when sensors were heard as the clock shows it after it has jumped."""
    for sensor in Sensor.objects.all():
        if is_off(sensor, now, jump):
            name = "last_heard_at" if sensor.last_heard_at else "created_at"
            setattr(sensor, name, corrected(getattr(sensor, name), now, jump))
            work.save_sensor(sensor, name)
