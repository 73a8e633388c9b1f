"""What can be done to the alarm: one transaction each, one at a time, announced on commit."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.utils import timezone

from alarm.changes import GROUP
from alarm.events import TIMER, Actor
from alarm.models import ONLY, Alarm, Cause, EventKind, Sensor
from alarm.reports import (
    InTheFuture,
    Replayed,
    ReportRefused,
    Stale,
    TooManyReports,
    UnknownSensor,
    hear_sensor,
)
from alarm.shapes import sensor_shape, snapshot
from alarm.transitions import TIMED, Action, IllegalTransition, step
from alarm.turn import CannotBypass, turn

__all__ = [
    "GROUP",
    "CannotBypass",
    "IllegalTransition",
    "InTheFuture",
    "NotReady",
    "Replayed",
    "ReportRefused",
    "Stale",
    "TooManyReports",
    "UnknownSensor",
    "arm",
    "current",
    "disarm",
    "end_delay",
    "everything",
    "hear_sensor",
    "running_delay",
    "sensors",
    "trigger",
]


class NotReady(Exception):
    """Sensors stand in the way of arming: `sensors` is a list of `{"id", "name"}`."""

    def __init__(self, in_the_way: list[dict]) -> None:
        self.sensors = in_the_way
        names = [sensor["name"] for sensor in in_the_way]
        are = "is" if len(names) == 1 else "are"
        listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        super().__init__(f"Not ready to arm: {listed} {are} open.")


def arm(mode: str, actor: Actor, cause: str, bypass: Iterable[int] = ()) -> dict:
    """Start to arm and return the snapshot; raise IllegalTransition, NotReady,
    UnknownSensor or CannotBypass.

    `bypass` are the ids of sensors that are not live until the next disarming. If arming is
    refused, they stay as they were.
    """
    with turn(cause, actor) as mine:
        action = Action(f"arm_{mode}")
        step(mine.alarm.position, action)
        wanted = set(bypass)
        found = list(Sensor.objects.filter(pk__in=wanted))
        if missing := wanted - {sensor.pk for sensor in found}:
            raise UnknownSensor(f"There is no sensor {min(missing)}.")
        mine.bypass(found, True)
        if in_the_way := mine.refresh_readiness()[mode]:
            raise NotReady(in_the_way)
        mine.advance(action)
    return snapshot(mine.alarm)


def disarm(actor: Actor, cause: str, code=None) -> dict:
    """Disarm and return the snapshot, or raise IllegalTransition. A PIN has been verified before.

    The use of a code is recorded even where there is nothing to disarm: a duress code may have been
    entered for somebody to see.
    """
    refusal = None
    with turn(cause, actor) as mine:
        if code is not None:
            kind = EventKind.DURESS if code.duress else EventKind.CODE
            mine.record(kind, detail=f"“{code.label}” was used to disarm.")
        try:
            mine.advance(Action.DISARM)
        except IllegalTransition as error:
            refusal = error
        else:
            mine.end_bypasses()
            mine.refresh_readiness()
    if refusal:
        raise refusal
    return snapshot(mine.alarm)


def trigger(actor: Actor, cause: str) -> dict:
    """Sound the siren at once, in any state; return the snapshot."""
    with turn(cause, actor) as mine:
        mine.advance(Action.TRIGGER)
    return snapshot(mine.alarm)


def end_delay(deadline: dt.datetime) -> dict | None:
    """Carry out what the end of the delay with this deadline leads to; None if it runs no more.

    Any number of callers may try at the same moment: the lock lets one of them find it running.
    """
    with turn(Cause.TIMER, TIMER) as mine:
        if mine.alarm.deadline != deadline:
            return None
        action, _setting = TIMED[mine.alarm.position.state]
        mine.advance(action)
    return snapshot(mine.alarm)


class Delay(NamedTuple):
    """A delay that runs: until when, and how many seconds more by the clock as it is set now."""

    deadline: dt.datetime
    remaining: float


def running_delay() -> Delay | None:
    """Return the delay that runs, or None.

    However the clock was set since it began, it has no more to go than its whole length.
    """
    moments = Alarm.objects.filter(pk=ONLY, deadline__isnull=False)
    for began, deadline in moments.values_list("changed_at", "deadline"):
        remaining = min(deadline - timezone.now(), deadline - began)
        return Delay(deadline, remaining.total_seconds())
    return None


def current() -> dict:
    """Return the alarm's snapshot, in one query."""
    return snapshot(Alarm.objects.get_or_create(pk=ONLY)[0])


def sensors() -> list[dict]:
    """Return every sensor."""
    return [sensor_shape(sensor) for sensor in Sensor.objects.all()]


def everything() -> dict:
    """Return what a socket is told first: `sequence`, `alarm`, `sensors` and `integrations`.

    The sequence is read first. What changes meanwhile is told again as a change, which does no
    harm; the other way round a change would be lost.
    """
    alarm = current()
    sequence = alarm.pop("sequence")
    return {
        "sequence": sequence,
        "alarm": alarm,
        "sensors": sensors(),
        "integrations": integrations(),
    }


def integrations() -> dict:
    """Return how each integration is doing."""
    from integrations.mqtt import status  # it imports this module

    return {"mqtt": status.current()}
