"""What can be done to the alarm: one transaction each, one at a time, announced on commit."""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.utils import timezone

from alarm import changes, events, facts, sensor_rules
from alarm.events import TIMER
from alarm.guard import refuse_unless_disarmed
from alarm.models import SINGLETON_ID, Alarm, AlarmSettings, Cause, EventKind, Sensor
from alarm.sensor_reports import UnknownSensor
from alarm.sensor_rules import mode_of
from alarm.sensor_types import Mode, Reason
from alarm.serializers import SettingsSerializer
from alarm.transitions import ARMED, Action, IllegalTransition, State, step
from alarm.unit_of_work import UnitOfWork, unit_of_work
from core.sentences import FAULTS
from people import codes
from people.actors import Actor
from people.facts import CODE_USED, ENDED_PIN
from people.models import Code

NO_SENSOR = FAULTS.add("no_such_sensor", "There is no sensor {number}.")


class NotReady(Exception):
    """Sensors prevent arming; `more` is `{"sensors": [{"id", "name", "reasons"}]}`."""

    WORDS = (
        (Reason.OPEN, ("is open", "are open")),
        (Reason.NO_CONTACT, ("has no contact", "have no contact")),
        (Reason.TAMPER, ("is tampered with", "are tampered with")),
    )

    def __init__(self, sensors: list[dict[str, Any]]) -> None:
        self.more = {"sensors": sensors}
        parts = []
        for reason, (one, several) in self.WORDS:
            names = [str(sensor["name"]) for sensor in sensors if reason in sensor["reasons"]]
            if names:
                listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
                parts.append(f"{listed} {one if len(names) == 1 else several}")
        super().__init__(f"Not ready to arm: {'; '.join(parts)}.")


class PinRequired(Exception):
    """What was asked for makes the alarm watch less, and no PIN was given."""

    def __init__(self) -> None:
        super().__init__("This needs a PIN.")


class NothingToAcknowledge(Exception):
    """The memory is empty."""

    def __init__(self) -> None:
        super().__init__("There was no alarm since the last acknowledgement.")


def arm(
    mode: str,
    actor: Actor,
    cause: str,
    bypass: Iterable[int] = (),
    force: bool = False,
    code: Code | None = None,
) -> Alarm:
    """Start to arm, from disarmed or from another mode; return the alarm.

    `bypass` are the ids of sensors that are not live until the next disarming; with `force` these
    are all that prevent arming. A refusal leaves them as they were. `code` has been verified
    before, and its owner becomes the actor. Raises IllegalTransition, NotReady, UnknownSensor,
    CannotBypass, WrongPin if the code is not valid any more, or PinRequired if an armed alarm would
    watch less and there is no code; the operator's shell needs none.
    """
    if code is not None:
        codes.record_use(code, actor, cause, "arm")  # also if that is refused
    with _unit_of_work_by(code, actor, cause) as work:
        action = Action(f"arm_{mode}")
        step(work.alarm.position, action)
        before = _watched(mode_of(work.alarm.position))
        wanted = set(bypass)
        if force:
            wanted |= {int(str(one["id"])) for one in work.refresh_readiness()[mode]}
        found = list(Sensor.objects.filter(pk__in=wanted))
        if missing := wanted - {sensor.pk for sensor in found}:
            raise UnknownSensor(NO_SENSOR(number=min(missing)))
        work.bypass(found, True)
        if preventing := work.refresh_readiness()[mode]:
            raise NotReady(preventing)
        is_free = code is not None or cause == Cause.COMMAND or work.alarm.state not in ARMED
        has_delay = AlarmSettings.load().exit_delay[mode] > 0
        if not is_free and (has_delay or before - _watched(Mode(mode))):
            raise PinRequired
        work.advance(action)
    return work.alarm


def disarm(actor: Actor, cause: str, code: Code | None = None) -> Alarm:
    """Disarm and return the alarm, or raise IllegalTransition. A PIN has been verified before.

    While there is smoke, heat, carbon monoxide, gas or water it stays triggered, and is silent.
    The actor is the owner of the code. Raises WrongPin if the code is not valid any more. The use
    of a code is recorded even if the alarm is disarmed already: it may be a duress code, entered
    under the eyes of an intruder.
    """
    refusal = None
    with _unit_of_work_by(code, actor, cause) as work:
        _record_use(work, code, "disarm")
        try:
            work.disarm()
        except IllegalTransition as error:
            refusal = error
        else:
            work.end_bypasses()
            work.refresh_readiness()
    if refusal:
        raise refusal
    return work.alarm


def acknowledge(actor: Actor, cause: str, code: Code | None = None) -> Alarm:
    """Empty the alarm's memory: a person has seen it; return the alarm.

    Raises IllegalTransition while it is pending or triggered, NothingToAcknowledge, or WrongPin if
    the code is not valid any more.
    """
    with _unit_of_work_by(code, actor, cause) as work:
        require_acknowledgeable(work.alarm)
        _record_use(work, code, "acknowledge")
        names = [str(one["name"]) for one in work.alarm.memory]
        work.alarm.memory = []
        work.record(EventKind.ACKNOWLEDGED, detail=facts.ACKNOWLEDGED(names=names))
    return work.alarm


def require_acknowledgeable(alarm: Alarm) -> None:
    """Raise IllegalTransition or NothingToAcknowledge."""
    if alarm.state in (State.PENDING, State.TRIGGERED):
        raise IllegalTransition(f"The alarm is {alarm.state}: disarm it first.")
    if not alarm.memory:
        raise NothingToAcknowledge


def _record_use(work: UnitOfWork, code: Code | None, purpose: str) -> None:
    """Record that a code was used: an intruder may look on while it is a duress code."""
    if code is not None:
        kind = EventKind.DURESS if code.duress else EventKind.CODE
        work.record(kind, detail=CODE_USED[purpose](label=code.label))


def _watched(mode: Mode | None) -> set[int]:
    """Return the ids of the sensors that are live in a mode, or where the alarm is not armed."""
    sensors = Sensor.objects.all()
    return {sensor.pk for sensor in sensors if sensor_rules.is_watched(sensor, mode)}


@contextmanager
def _unit_of_work_by(code: Code | None, actor: Actor, cause: str) -> Iterator[UnitOfWork]:
    """Take the lock as a code's owner; raise WrongPin if it has ended since it was verified."""
    actor = codes.owner(code, actor) if code else actor
    try:
        with unit_of_work(cause, actor) as work:
            if code is not None and not codes.is_valid(code):
                raise codes.WrongPin(ENDED_PIN())
            yield work
    except codes.WrongPin as error:
        events.record(EventKind.WRONG_PIN, cause=cause, actor=actor, detail=error.reason)
        raise


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
        work.end_delay()
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
    began_at = alarm.delay_began_at or alarm.changed_at
    remaining = min(alarm.deadline - timezone.now(), alarm.deadline - began_at)
    return Delay(alarm.deadline, remaining.total_seconds())


def current() -> Alarm:
    """Return the alarm, in one query."""
    return Alarm.objects.get_or_create(pk=SINGLETON_ID)[0]


def change_settings(actor: Actor, cause: str, **values: Any) -> AlarmSettings:
    """Set the given settings and return all, or raise NotDisarmed.

    Of a delay by mode, the given modes are set. An equal value is not a change.
    """
    with unit_of_work(cause, actor) as work:
        refuse_unless_disarmed(work.alarm)
        settings = AlarmSettings.load()
        before = SettingsSerializer(settings).data
        for name, value in values.items():
            is_by_mode = isinstance(before[name], dict)
            setattr(settings, name, {**before[name], **value} if is_by_mode else value)
        after = SettingsSerializer(settings).data
        if after != before:
            settings.save()
            changes.add(work.alarm, "settings", after)
            work.record(EventKind.SETTING, detail=facts.changed_settings(dict(before), dict(after)))
    return settings
