"""The unit of work: one transaction on the alarm, under its lock, announced at its end."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from alarm import changes, events, sensor_rules
from alarm.models import AlarmSettings, Cause, EventKind, Sensor
from alarm.serializers import AlarmStateSerializer, SensorSerializer
from alarm.transitions import TIMED, Action, State, step
from people.actors import Actor


class CannotBypass(Exception):
    """Smoke and water sensors protect lives and cannot be bypassed."""


class UnitOfWork:
    """The locked alarm, the actor, and the changes that can be made. Made by `unit_of_work`."""

    def __init__(self, cause: str, actor: Actor) -> None:
        self.alarm = changes.locked_alarm()
        self.cause, self.actor = cause, actor
        self._before = AlarmStateSerializer(self.alarm).data

    def record(self, kind: str, sensor: Sensor | None = None, detail: str = "") -> None:
        """Write an event other than a transition."""
        events.write(self.alarm, kind, self.cause, self.actor, sensor, detail=detail)

    def advance(self, action: Action, sensor: Sensor | None = None) -> None:
        """Make one transition, or raise IllegalTransition.

        A delay of 0 s ends in the same unit of work. `sensor` is what led to it.
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
            for left_open in filter(sensor_rules.is_left_open, Sensor.objects.all()):
                self.react(left_open)

    def react(self, sensor: Sensor) -> None:
        """Make the transition that the opening of a sensor leads to, if any."""
        action = sensor_rules.reaction(self.alarm.position, sensor)
        is_again = self.alarm.state == State.TRIGGERED and self._is_cause(sensor)
        if action and not is_again:
            self.advance(action, sensor)

    def save_sensor(self, sensor: Sensor, *fields: str) -> None:
        """Store these fields of a sensor, or all of them, and announce it."""
        sensor.save(update_fields=fields or None)
        changes.add(self.alarm, "sensor", SensorSerializer(sensor).data)

    def bypass(self, sensors: list[Sensor], bypassed: bool) -> None:
        """Bypass sensors or end that; sensors that are so already are skipped."""
        for sensor in sensors:
            if bypassed and sensor.kind in sensor_rules.ALWAYS_LIVE:
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

    def refresh_readiness(self) -> dict[str, list[dict[str, object]]]:
        """Compute again which open sensors prevent which mode; call it after a change."""
        sensors = Sensor.objects.filter(active=True, bypassed=False)
        not_ready = sensor_rules.not_ready(sensors)
        self.alarm.not_ready = not_ready
        return not_ready

    def finish(self) -> None:
        """Store the alarm, and announce it if it has changed."""
        self.alarm.save()
        after = AlarmStateSerializer(self.alarm).data
        if after != self._before:
            changes.add(self.alarm, "alarm", after)

    def _is_cause(self, sensor: Sensor) -> bool:
        return any(one["id"] == sensor.pk for one in self.alarm.triggered_by)


@contextmanager
def unit_of_work(cause: str, actor: Actor) -> Iterator[UnitOfWork]:
    """Take the lock; at the end of the block store and announce the changes.

    An exception rolls them back.
    """
    with transaction.atomic():
        work = UnitOfWork(cause, actor)
        yield work
        work.finish()
