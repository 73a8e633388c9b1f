"""Sensors' reports: each is taken once, in time, in order, and not too often."""

import datetime as dt
import hashlib
import math
import secrets
from copy import copy

from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from alarm import events, facts, sensor_rules
from alarm.models import Event, EventKind, Report, Sensor
from alarm.sensor_types import Type
from alarm.transitions import State
from alarm.unit_of_work import UnitOfWork, unit_of_work
from people.actors import Actor

LATEST = dt.timedelta(minutes=5)
EARLIEST = dt.timedelta(seconds=60)  # clocks differ
WINDOW = dt.timedelta(seconds=10)
REPORTS_IN_WINDOW = 30  # of one sensor; more is a fault or an attack
STORED_LATEST = dt.timedelta(days=3)  # of a report that a broker has kept
REMEMBERED = dt.timedelta(days=7)  # how long a report's identifier is kept

STORED = (
    *("active", "battery_low", "tampered", "no_contact"),
    *("last_heard_at", "newest_at"),
)


class ReportRefused(Exception):
    """A report is not accepted; the text is a sentence for a person."""


class Replayed(ReportRefused):
    """This report was taken before."""


class Stale(ReportRefused):
    """This report is late, or older than one that was taken."""


class InTheFuture(ReportRefused):
    """This report is of a future moment."""


class UnknownSensor(ReportRefused):
    """The sensor does not exist."""


class TooManyReports(ReportRefused):
    """The sensor reports too often; `seconds` (whole, at least 1) until reports are taken again."""

    seconds = math.ceil(WINDOW.total_seconds())


def take(
    sensor_id: int,
    active: bool | None = None,
    *,
    actor: Actor,
    cause: str,
    battery_low: bool | None = None,
    tamper: bool | None = None,
    event_id: str | None = None,
    at: dt.datetime | None = None,
    is_stored: bool = False,
) -> int:
    """Take a sensor's report and make the transitions it leads to; return the last sequence.

    `active` means open, moving, smoke or water. What is None is not said: a report without anything
    is a sign of life. `event_id` identifies the report, `at` is its moment by the sensor's clock.
    `is_stored`: a broker has kept it, so that it is late, but may be the newest all the same; it
    has an `at`. Raises a kind of ReportRefused. Not to be called in a transaction: the sensor's row
    is written before the lock is taken.
    """
    _count(sensor_id)
    _check_moment(at, STORED_LATEST if is_stored else LATEST)
    with unit_of_work(cause, actor) as work:
        sensor = Sensor.objects.select_for_update().filter(pk=sensor_id).first()
        if sensor is None:
            raise UnknownSensor("There is no such sensor.")
        heard = sensor.last_heard_at
        if is_stored and at and heard and at <= heard:
            raise Stale(facts.HEARD_SINCE())
        _check_order(sensor, event_id, at)
        before, now = copy(sensor), timezone.now()
        sensor.last_heard_at = min(at, now) if at and is_stored else now
        sensor.newest_at = at or sensor.newest_at
        sensor.no_contact &= sensor_rules.is_unheard(sensor, now)
        said = {"active": active, "battery_low": battery_low, "tampered": tamper}
        for name, value in said.items():
            if value is not None:
                setattr(sensor, name, value)
        _store(work, before, sensor)
    return work.alarm.sequence


def record_refusal(
    sensor_id: int, active: bool | None, refusal: ReportRefused, *, actor: Actor, cause: str
) -> None:
    """Record that a report was refused, so that a sensor with a wrong clock is noticed.

    The same refusal again, with no other event of the sensor in between, is not recorded.
    """
    sensor = Sensor.objects.filter(pk=sensor_id).first()
    if sensor is None:
        return
    is_hidden = sensor.type == Type.SILENT_PANIC
    kind = EventKind.SILENT_PANIC if is_hidden and active else EventKind.SENSOR
    sensor.active = active  # for the words alone; it is not stored
    is_told = active if is_hidden else active is not None
    is_told = is_told and not isinstance(refusal, TooManyReports)
    reason = refusal.args[0]
    detail = (
        facts.REFUSED_STATE(state=sensor_rules.words(sensor), reason=reason)
        if is_told
        else facts.REFUSED(reason=reason)
    )
    last = Event.objects.filter(sensor_id=sensor_id).values_list("detail", flat=True).first()
    if last != detail:
        events.record(kind, cause=cause, actor=actor, sensor=sensor, detail=detail)


def _store(work: UnitOfWork, before: Sensor, sensor: Sensor) -> None:
    """Store a report of a sensor; record what is new, and let the alarm react."""
    work.save_sensor(sensor, *STORED)
    for trouble, (begins, ends) in facts.TROUBLE_WORDS.items():
        if (trouble in sensor.trouble) is not (trouble in before.trouble):
            detail = begins if trouble in sensor.trouble else ends
            work.record(EventKind.TROUBLE, sensor, detail)
    if sensor.tampered and not before.tampered:
        work.react_to_tampering(sensor)
    if sensor.active is not before.active:
        _react(work, before, sensor)
    elif sensor_rules.is_danger(sensor) and work.alarm.state != State.TRIGGERED:
        work.react(sensor)  # there is smoke still, or the alarm did not know that it is smoke
    if sensor_rules.standing(sensor) != sensor_rules.standing(before):
        work.refresh_readiness()


def _react(work: UnitOfWork, before: Sensor, sensor: Sensor) -> None:
    """Record that a sensor has opened or closed, and let the alarm react."""
    if sensor.type == Type.SILENT_PANIC:
        if sensor.active:
            work.record(EventKind.SILENT_PANIC, sensor, sensor_rules.words(sensor))
        return
    is_trouble = sensor.type == Type.ENVIRONMENTAL
    kind = EventKind.TROUBLE if is_trouble else EventKind.SENSOR
    work.record(kind, sensor, sensor_rules.words(sensor))
    if sensor.active:
        work.chime(sensor)
        work.react(sensor)
    elif before.active:
        work.react_to_closing(sensor)


def _check_moment(at: dt.datetime | None, latest: dt.timedelta) -> None:
    """Refuse a report that is late or early by our clock."""
    if at is None:
        return
    lateness = timezone.now() - at
    if lateness > latest:
        if latest.days:
            raise Stale(facts.OLD_BY_DAYS(days=latest.days))
        raise Stale(facts.OLD_BY_MINUTES(minutes=latest.seconds // 60))
    if lateness < -EARLIEST:
        raise InTheFuture(facts.OF_FUTURE())


def _check_order(sensor: Sensor, event_id: str | None, at: dt.datetime | None) -> None:
    """Refuse a report that was taken before, or is older than one that was."""
    if event_id is not None:
        _report, is_new = Report.objects.get_or_create(sensor=sensor, event_id=event_id)
        if not is_new:
            raise Replayed(facts.RECEIVED())
    newest = sensor.newest_at
    # A future moment was stored before our clock was set back; it is ignored.
    if at and newest and at < newest <= timezone.now() + EARLIEST:
        raise Stale(facts.NEWER_RECEIVED())


def _count(sensor_id: int) -> None:
    """Count a report against the sensor's rate, in one statement and without the lock."""
    now = timezone.now()
    sensors = Sensor.objects.filter(pk=sensor_id)
    # A window that begins in the future is from before the clock was set back.
    is_over = Q(window_started_at__lte=now - WINDOW) | Q(window_started_at__gt=now + WINDOW)
    is_first = sensors.filter(is_over).update(window_started_at=now, reports_in_window=1)
    if is_first or sensors.filter(reports_in_window__lt=REPORTS_IN_WINDOW).update(
        reports_in_window=F("reports_in_window") + 1
    ):
        return
    if sensors.exists():
        raise TooManyReports(facts.TOO_OFTEN())


def renew_token(sensor: Sensor) -> None:
    """Give a sensor a new `token`, unsaved; only its hash is stored."""
    sensor.token = secrets.token_urlsafe(32)
    sensor.token_hash = _hash(sensor.token)


def has_token(sensor_id: int, token: str) -> bool:
    """Return whether this is the token of this sensor, compared in constant time."""
    stored = Sensor.objects.filter(pk=sensor_id).values_list("token_hash", flat=True).first()
    return constant_time_compare(stored or "", _hash(token))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def remove_old() -> None:
    """Remove the identifiers of reports that no sensor repeats any more."""
    Report.objects.filter(heard_at__lt=timezone.now() - REMEMBERED).delete()
