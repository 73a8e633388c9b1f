"""What things look like over HTTP and WebSockets: JSON types, moments in ISO 8601."""

import datetime as dt

from alarm.models import Alarm, AlarmSettings, Event, EventKind, Mode, Sensor

SETTINGS = ("exit_delay", "entry_delay", "siren_duration", "retention_days")
# Their details name codes, and a duress code among them would give itself away.
MASKED_KINDS = (EventKind.CODE, EventKind.DURESS)


def iso(moment: dt.datetime | None) -> str | None:
    """Return a moment as `2026-01-31T12:00:00.000000Z`."""
    if moment is None:
        return None
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def alarm_shape(alarm: Alarm) -> dict:
    """Return the alarm; the API's snapshot has its `sequence` besides."""
    return {
        "state": str(alarm.state),
        "target": alarm.target and str(alarm.target),
        "changed_at": iso(alarm.changed_at),
        "deadline": iso(alarm.deadline),
        "triggered_by": [dict(sensor) for sensor in alarm.triggered_by],
        "not_ready": {mode.value: list(alarm.not_ready.get(mode, ())) for mode in Mode},
    }


def snapshot(alarm: Alarm) -> dict:
    """Return the alarm with its sequence, as HTTP gives it."""
    return {**alarm_shape(alarm), "sequence": alarm.sequence}


def sensor_shape(sensor: Sensor) -> dict:
    """Return a sensor; never its token."""
    return {
        "id": sensor.pk,
        "name": sensor.name,
        "kind": str(sensor.kind),
        "modes": [str(mode) for mode in sensor.modes],
        "entry_delay": sensor.entry_delay,
        "bypassed": sensor.bypassed,
        "active": sensor.active,
        "last_heard_at": iso(sensor.last_heard_at),
    }


def settings_shape(settings: AlarmSettings) -> dict:
    """Return the settings; delays in seconds."""
    return {name: getattr(settings, name) for name in SETTINGS}


def event_shape(event: Event, is_admin: bool) -> dict:
    """Return an event. Residents see duress as the use of any code, and no detail of a code."""
    kind, detail = str(event.kind), event.detail
    if not is_admin and kind in MASKED_KINDS:
        kind, detail = EventKind.CODE.value, ""
    return {
        "id": event.pk,
        "at": iso(event.at),
        "kind": kind,
        "from_state": str(event.from_state),
        "to_state": str(event.to_state),
        "cause": str(event.cause),
        "person": named(event.person_id, event.person_name),
        "sensor": named(event.sensor_id, event.sensor_name),
        "source": event.source,
        "detail": detail,
    }


def named(identifier: int | None, name: str) -> dict | None:
    """Return `{"id", "name"}`, or None where there is no identifier."""
    return None if identifier is None else {"id": identifier, "name": name}
