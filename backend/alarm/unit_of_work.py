"""The unit of work: one transaction on the alarm, under its lock, announced at its end."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from alarm import changes, events, facts, sensor_rules, signals
from alarm.models import Alarm, AlarmSettings, Cause, EventKind, Sensor
from alarm.sensor_types import LIFE_SAFETY, Kind
from alarm.serializers import AlarmStateSerializer, SensorSerializer
from alarm.transitions import TIMED, TRIGGERED, Action, Position, State, step
from core.sentences import FAULTS, NOTHING, Sentence
from core.serializers import MomentField
from people.actors import Actor

moment = MomentField().to_representation
PROTECTS_LIVES = FAULTS.add("protects_lives", "{name} cannot be bypassed: it protects lives.")


class CannotBypass(Exception):
    """Sensors that protect lives cannot be bypassed."""


class UnitOfWork:
    """The locked alarm, the actor, and the changes that can be made. Made by `unit_of_work`."""

    def __init__(self, cause: str, actor: Actor) -> None:
        self.alarm = changes.locked_alarm()
        self.cause, self.actor = cause, actor
        self._before = AlarmStateSerializer(self.alarm).data

    def record(self, kind: str, sensor: Sensor | None = None, detail: Sentence = NOTHING) -> None:
        """Write an event other than a transition."""
        events.write(self.alarm, kind, self.cause, self.actor, sensor, detail=detail)

    def advance(self, action: Action, sensor: Sensor | None = None, kind: str = "") -> None:
        """Make one transition, or raise IllegalTransition.

        A delay of 0 s ends in the same unit of work. `sensor` is what led to it; `kind` is another
        reason than the sensor's kind.
        """
        alarm = self.alarm
        before, after = alarm.position, step(alarm.position, action)
        alarm.state, alarm.target = after
        alarm.changed_at = timezone.now()
        self._remember(action, before, sensor, kind)
        follow_up = None
        if action is not Action.SILENCE and after.state in TIMED:
            follow_up = TIMED[after.state][0]
        self._start_delay(alarm.changed_at, seconds_of(after, sensor) if follow_up else 0)
        states = (before.state, after.state)
        detail = facts.SILENCED if action is Action.SILENCE else NOTHING
        events.write(alarm, EventKind.TRANSITION, self.cause, self.actor, sensor, states, detail)
        if follow_up and not alarm.deadline:
            self.cause, self.actor = Cause.TIMER, events.TIMER
            self.advance(follow_up, sensor)
        if action is Action.EXIT_ELAPSED:
            # An entry first: what follows an entry is ignored after it.
            left_open = filter(sensor_rules.is_left_open, Sensor.objects.order_by("type", "pk"))
            for one in left_open:
                self.react(one)

    def end_delay(self) -> None:
        """Make the transition at the end of the running delay; with danger the siren goes on."""
        position = self.alarm.position
        if position.state is State.TRIGGERED and self.is_in_danger():
            self._start_delay(timezone.now(), seconds_of(position, None))
        else:
            self.advance(TIMED[position.state][0])

    def disarm(self) -> None:
        """Disarm, or silence the siren while there is danger; or raise IllegalTransition."""
        is_silenced = self.alarm.state == State.TRIGGERED and self.is_in_danger()
        self.advance(Action.SILENCE if is_silenced else Action.DISARM)

    def react(self, sensor: Sensor) -> None:
        """Make the transition that the opening of a sensor leads to, if any."""
        self._take(sensor_rules.reaction(self.alarm.position, sensor), sensor)

    def react_to_tampering(self, sensor: Sensor) -> None:
        """Make the transition that tampering with a sensor leads to, if any."""
        action = sensor_rules.reaction_to_tampering(self.alarm.position, sensor)
        self._take(action, sensor, Kind.TAMPER)

    def react_to_closing(self, sensor: Sensor) -> None:
        """Make the transition that the closing of a sensor leads to, if any."""
        action = sensor_rules.reaction_to_closing(self.alarm.position, sensor)
        if action:
            self.advance(action, sensor)
        self.clear()

    def clear(self) -> None:
        """End an alarm that was silenced, once there is no danger any more."""
        is_silenced = self.alarm.position == TRIGGERED and not self.alarm.siren
        if is_silenced and not self.is_in_danger():
            self.advance(Action.ALL_CLEAR)

    @staticmethod
    def is_in_danger() -> bool:
        """Return whether there is smoke, heat, carbon monoxide, gas or water."""
        return Sensor.objects.filter(active=True, type__in=LIFE_SAFETY).exists()

    def save_sensor(self, sensor: Sensor, *fields: str) -> None:
        """Store these fields of a sensor, or all of them, and announce it."""
        sensor.save(update_fields=fields or None)
        changes.add(self.alarm, "sensor", SensorSerializer(sensor).data)

    def chime(self, sensor: Sensor) -> None:
        """Ring for a sensor that has opened, if it has a chime and the alarm is disarmed."""
        if sensor.chime and self.alarm.state == State.DISARMED:
            changes.add(self.alarm, "chime", {"id": sensor.pk, "name": sensor.name})
            signals.tell(signals.chimed, Sensor, sensor=sensor)

    def bypass(self, sensors: list[Sensor], bypassed: bool) -> None:
        """Bypass sensors or end that; sensors that are so already are skipped."""
        for sensor in sensors:
            if bypassed and not sensor_rules.can_be_bypassed(sensor):
                raise CannotBypass(PROTECTS_LIVES(name=sensor.name))
            if sensor.bypassed != bypassed:
                sensor.bypassed = bypassed
                self.save_sensor(sensor, "bypassed")
                self.record(
                    EventKind.BYPASS, sensor, facts.BYPASSED if bypassed else facts.LIVE_AGAIN
                )

    def end_bypasses(self) -> None:
        """Make every sensor live again; the disarming that does it is the event."""
        for sensor in Sensor.objects.filter(bypassed=True):
            sensor.bypassed = False
            self.save_sensor(sensor, "bypassed")

    def refresh_readiness(self) -> dict[str, list[dict[str, object]]]:
        """Compute again what prevents which mode, and the troubles; call it after a change."""
        sensors = list(Sensor.objects.all())
        not_ready = sensor_rules.not_ready(sensors)
        self.alarm.not_ready = not_ready
        self.alarm.trouble = sensor_rules.in_trouble(sensors)
        return not_ready

    def finish(self) -> None:
        """Store the alarm, and announce it if it has changed."""
        self.alarm.save()
        before, after = self._before, AlarmStateSerializer(self.alarm).data
        if after != before:
            changes.add(self.alarm, "alarm", after)
        if any(before[name] != after[name] for name in ("state", "siren", "memory")):
            signals.tell(signals.alarm_changed, Alarm, alarm=self.alarm)

    def _take(self, action: Action | None, sensor: Sensor, kind: str = "") -> None:
        """Make a transition that a sensor leads to, once in a siren's time."""
        is_again = self.alarm.siren and self._is_cause(sensor.pk, kind or sensor.kind)
        if action and not is_again:
            self.advance(action, sensor, kind)

    def _remember(self, action: Action, before: Position, sensor: Sensor | None, kind: str) -> None:
        """Keep what led to a transition: as its causes, and in the memory once it sounds."""
        alarm = self.alarm
        alarm.siren = alarm.state == State.TRIGGERED and action is not Action.SILENCE
        if alarm.state not in (State.PENDING, State.TRIGGERED):
            alarm.triggered_by = []
            return
        source: dict[str, object]
        if sensor:
            source = {"id": sensor.pk, "name": sensor.name, "kind": str(kind or sensor.kind)}
        else:
            by = self.actor.person_name or self.actor.source
            source = {"id": None, "name": by, "kind": str(Kind.PANIC)}
        if action in (Action.ENTER, Action.TRIGGER) and source not in alarm.triggered_by:
            alarm.triggered_by.append(source)
        if action in (Action.TRIGGER, Action.ENTRY_ELAPSED):
            at = moment(alarm.changed_at)
            newest = alarm.triggered_by if before.state != State.TRIGGERED else [source]
            kept = [one for one in alarm.memory if not any(is_same(one, two) for two in newest)]
            alarm.memory = [*kept, *({**one, "at": at} for one in newest)]

    def _start_delay(self, began_at: dt.datetime, seconds: int) -> None:
        """Set the deadline so many seconds after a moment; 0: none."""
        self.alarm.delay_began_at = began_at
        self.alarm.deadline = began_at + dt.timedelta(seconds=seconds) if seconds else None

    def _is_cause(self, sensor_id: int, kind: str) -> bool:
        causes = self.alarm.triggered_by
        return any(one["id"] == sensor_id and one["kind"] == kind for one in causes)


def seconds_of(position: Position, sensor: Sensor | None) -> int:
    """Return the length of the delay in this position, in seconds; a sensor may have its own."""
    if position.state is State.PENDING and sensor and sensor.entry_delay is not None:
        return sensor.entry_delay
    setting = getattr(AlarmSettings.load(), TIMED[position.state][1])
    return int(setting[sensor_rules.mode_of(position)] if isinstance(setting, dict) else setting)


def is_same(one: dict[str, object], two: dict[str, object]) -> bool:
    """Return whether two causes are of one sensor, or of one source without a sensor."""
    if one["id"] is None:
        return two["id"] is None and one["name"] == two["name"]
    return one["id"] == two["id"]


@contextmanager
def unit_of_work(cause: str, actor: Actor) -> Iterator[UnitOfWork]:
    """Take the lock; at the end of the block store and announce the changes.

    An exception rolls them back.
    """
    with transaction.atomic():
        work = UnitOfWork(cause, actor)
        yield work
        work.finish()
