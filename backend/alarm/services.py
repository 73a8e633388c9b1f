"""What can be done to the alarm: one transaction each, one at a time, announced on commit."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.utils import timezone

from alarm import changes, sensor_rules
from alarm.events import TIMER
from alarm.guard import refuse_unless_disarmed
from alarm.models import SINGLETON_ID, Alarm, AlarmSettings, Cause, EventKind, Mode, Sensor
from alarm.sensor_reports import UnknownSensor
from alarm.serializers import SettingsSerializer
from alarm.transitions import TIMED, Action, IllegalTransition, step
from alarm.unit_of_work import unit_of_work
from people.actors import Actor
from people.models import Code


class NotReady(Exception):
    """Open sensors prevent arming; `more` is `{"sensors": [{"id", "name"}]}`, for the answer."""

    def __init__(self, sensors: list[dict[str, object]]) -> None:
        self.more = {"sensors": sensors}
        names = [str(sensor["name"]) for sensor in sensors]
        are = "is" if len(names) == 1 else "are"
        listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        super().__init__(f"Not ready to arm: {listed} {are} open.")


def arm(mode: str, actor: Actor, cause: str, bypass: Iterable[int] = ()) -> Alarm:
    """Start to arm and return the alarm.

    `bypass` are the ids of sensors that are not live until the next disarming. A refusal leaves
    them as they were. A warning is recorded for each live sensor that is silent. Raises
    IllegalTransition, NotReady, UnknownSensor or CannotBypass.
    """
    with unit_of_work(cause, actor) as work:
        action = Action(f"arm_{mode}")
        step(work.alarm.position, action)
        wanted = set(bypass)
        found = list(Sensor.objects.filter(pk__in=wanted))
        if missing := wanted - {sensor.pk for sensor in found}:
            raise UnknownSensor(f"There is no sensor {min(missing)}.")
        work.bypass(found, True)
        if open_sensors := work.refresh_readiness()[mode]:
            raise NotReady(open_sensors)
        work.advance(action)
        silent = sensor_rules.silent(Sensor.objects.all(), Mode(mode), timezone.now())
        for sensor, days in silent:
            work.record(EventKind.SENSOR, sensor, f"Silent for {days} days when it was armed.")
    return work.alarm


def disarm(actor: Actor, cause: str, code: Code | None = None) -> Alarm:
    """Disarm and return the alarm, or raise IllegalTransition. A PIN has been verified before.

    The use of a code is recorded even if the alarm is disarmed already: it may be a duress code,
    entered under the eyes of an intruder.
    """
    refusal = None
    with unit_of_work(cause, actor) as work:
        if code is not None:
            kind = EventKind.DURESS if code.duress else EventKind.CODE
            work.record(kind, detail=f"“{code.label}” was used to disarm.")
        try:
            work.advance(Action.DISARM)
        except IllegalTransition as error:
            refusal = error
        else:
            work.end_bypasses()
            work.refresh_readiness()
    if refusal:
        raise refusal
    return work.alarm


def trigger(actor: Actor, cause: str) -> Alarm:
    """Sound the siren at once, in any state; return the alarm."""
    with unit_of_work(cause, actor) as work:
        work.advance(Action.TRIGGER)
    return work.alarm


def end_delay(deadline: dt.datetime) -> Alarm | None:
    """Make the transition at the end of the delay with this deadline; None if it runs no more.

    Callers may try at the same moment: the lock lets only one of them find it running.
    """
    with unit_of_work(Cause.TIMER, TIMER) as work:
        if work.alarm.deadline != deadline:
            return None
        action, _setting = TIMED[work.alarm.position.state]
        work.advance(action)
    return work.alarm


class Delay(NamedTuple):
    """A running delay: its end, and the seconds until then by the clock as it is set now."""

    deadline: dt.datetime
    remaining: float


def running_delay() -> Delay | None:
    """Return the running delay, or None.

    The remaining time is at most the delay's whole length, however the clock was set meanwhile.
    """
    alarm = Alarm.objects.filter(pk=SINGLETON_ID).first()
    if alarm is None or alarm.deadline is None:
        return None
    remaining = min(alarm.deadline - timezone.now(), alarm.deadline - alarm.changed_at)
    return Delay(alarm.deadline, remaining.total_seconds())


def current() -> Alarm:
    """Return the alarm, in one query."""
    return Alarm.objects.get_or_create(pk=SINGLETON_ID)[0]


def change_settings(actor: Actor, cause: str, **values: int) -> AlarmSettings:
    """Set the given settings and return all, or raise NotDisarmed.

    An equal value is not a change.
    """
    with unit_of_work(cause, actor) as work:
        refuse_unless_disarmed(work.alarm)
        settings = AlarmSettings.load()
        before = {name: getattr(settings, name) for name in values}
        changed = [name for name, value in sorted(values.items()) if before[name] != value]
        for name in changed:
            setattr(settings, name, values[name])
        if changed:
            settings.save(update_fields=changed)
            changes.add(work.alarm, "settings", SettingsSerializer(settings).data)
            words = {name: name.replace("_", " ") for name in changed}
            listed = (f"{words[name]} {before[name]} → {values[name]}" for name in changed)
            work.record(EventKind.SETTING, detail=f"{', '.join(listed)}.".capitalize())
    return settings
