"""One turn: what a transaction does to the alarm while it holds the lock."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from alarm import changes, events, sensing
from alarm.models import AlarmSettings, Cause, EventKind, Sensor
from alarm.shapes import alarm_shape, sensor_shape
from alarm.transitions import TIMED, Action, State, step


class CannotBypass(Exception):
    """What protects lives is not switched off: smoke and water sensors cannot be bypassed."""


class Turn:
    """The locked alarm, who acts on it, and what they may do. Made by `turn`."""

    def __init__(self, cause: str, actor: events.Actor) -> None:
        self.alarm = changes.locked_alarm()
        self.cause, self.actor = cause, actor
        self._before = alarm_shape(self.alarm)

    def record(self, kind: str, sensor: Sensor | None = None, detail: str = "") -> None:
        """Write an event that is no transition."""
        events.write(self.alarm, kind, self.cause, self.actor, sensor, detail=detail)

    def advance(self, action: Action, sensor: Sensor | None = None) -> None:
        """Make one transition, or raise IllegalTransition.

        A delay of 0 s ends in the same turn. `sensor` is what led to it.
        """
        alarm = self.alarm
        before, after = alarm.position, step(alarm.position, action)
        alarm.state, alarm.target = after
        alarm.changed_at = timezone.now()
        if after.state not in (State.PENDING, State.TRIGGERED):
            alarm.triggered_by = []
        elif sensor and not self._is_cause(sensor):
            alarm.triggered_by.append(
                {"id": sensor.pk, "name": sensor.name, "kind": str(sensor.kind)}
            )
        follow_up, delay = None, 0
        if after.state in TIMED:
            follow_up, setting = TIMED[after.state]
            delay = getattr(AlarmSettings.load(), setting)
        alarm.deadline = alarm.changed_at + dt.timedelta(seconds=delay) if delay else None
        states = (before.state, after.state)
        events.write(alarm, EventKind.TRANSITION, self.cause, self.actor, sensor, states)
        if follow_up and not delay:
            self.cause, self.actor = Cause.TIMER, events.TIMER
            self.advance(follow_up, sensor)
        if action is Action.EXIT_ELAPSED:
            for left_open in filter(sensing.is_left_open, Sensor.objects.all()):
                self.react(left_open)

    def react(self, sensor: Sensor) -> None:
        """Do what the opening of a sensor leads to, which may be nothing."""
        action = sensing.reaction(self.alarm.position, sensor)
        is_again = self.alarm.state == State.TRIGGERED and self._is_cause(sensor)
        if action and not is_again:
            self.advance(action, sensor)

    def save_sensor(self, sensor: Sensor, *fields: str) -> None:
        """Store these fields of a sensor, or all of them, and announce it."""
        sensor.save(update_fields=fields or None)
        changes.add(self.alarm, "sensor", sensor_shape(sensor))

    def bypass(self, sensors: list[Sensor], bypassed: bool) -> None:
        """Bypass sensors or end that; those where it changes nothing are passed over."""
        for sensor in sensors:
            if bypassed and sensor.kind in sensing.ALWAYS_LIVE:
                raise CannotBypass(f"{sensor.name} cannot be bypassed: it warns of {sensor.kind}.")
            if sensor.bypassed != bypassed:
                sensor.bypassed = bypassed
                self.save_sensor(sensor, "bypassed")
                self.record(EventKind.BYPASS, sensor, "Bypassed." if bypassed else "Live again.")

    def end_bypasses(self) -> None:
        """Make every sensor live again; the disarming that does it is the event."""
        for sensor in Sensor.objects.filter(bypassed=True):
            sensor.bypassed = False
            self.save_sensor(sensor, "bypassed")

    def refresh_readiness(self) -> dict[str, list[dict]]:
        """Find out again which sensors stand in the way of which mode; call it after a change."""
        sensors = Sensor.objects.filter(active=True, bypassed=False)
        self.alarm.not_ready = sensing.not_ready(sensors)
        return self.alarm.not_ready

    def finish(self) -> None:
        """Store the alarm and announce it, if it is another than before."""
        self.alarm.save()
        after = alarm_shape(self.alarm)
        if after != self._before:
            changes.add(self.alarm, "alarm", after)

    def _is_cause(self, sensor: Sensor) -> bool:
        """Return whether this sensor is one of those that set the alarm off."""
        return any(one["id"] == sensor.pk for one in self.alarm.triggered_by)


@contextmanager
def turn(cause: str, actor: events.Actor) -> Iterator[Turn]:
    """Take the lock, and at the end of the block store and announce what was done under it.

    An exception undoes all of it.
    """
    with transaction.atomic():
        mine = Turn(cause, actor)
        yield mine
        mine.finish()
