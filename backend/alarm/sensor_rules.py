"""Every rule of how sensors affect the alarm, without queries.

- Smoke and water are live in every state, disarmed as well, and sound the siren at once. They
  cannot be bypassed, and arming does not wait for them: it changes nothing about them.
- The others are live where the alarm is armed in one of their modes, unless bypassed. One with an
  entry delay starts it; one without sounds the siren at once.
- While the exit delay runs, sensors with an entry delay are ignored: they are on the way out.
  The others sound the siren, as they would a moment later.
- While the entry delay runs, sensors with an entry delay are ignored: they are on the way in.
- While the siren sounds, each sensor that opens joins the list of those that triggered it, and the
  siren's time starts again; once each, so that a bouncing sensor cannot prolong it for ever.
- The opening counts. A sensor that reports again that it is open, or is still open when the
  siren ends, triggers nothing. One that has never reported counts as closed.
- A door or window that is still open when the exit delay ends counts as opened at that moment.
  Motion does not: detectors stay active for a minute after the last movement.
- A sensor that was heard once and then not for three days may be broken: its last report still
  counts, and arming records a warning. It does not prevent arming, because some sensors report
  changes only, and a window may stay closed for a winter.
- Ready to arm means that no live sensor is open, but a motion sensor with an entry delay may be:
  it sees the person who arms.
"""

import datetime as dt
from collections.abc import Iterable

from alarm.models import Kind, Mode, Sensor
from alarm.transitions import Action, Position, State

ALWAYS_LIVE = (Kind.SMOKE, Kind.WATER)

WORDS: dict[str, tuple[str, str]] = {  # when it opens, and when it closes
    Kind.DOOR: ("Opened.", "Closed."),
    Kind.WINDOW: ("Opened.", "Closed."),
    Kind.MOTION: ("Movement.", "No movement."),
    Kind.SMOKE: ("Smoke.", "No smoke."),
    Kind.WATER: ("Water.", "No water."),
}


def mode_of(position: Position) -> Mode | None:
    """Return the mode that the alarm is armed in or being armed to, or None."""
    armed = position.state if position.state.startswith("armed_") else position.target
    return Mode(armed.removeprefix("armed_")) if armed else None


def reaction(position: Position, sensor: Sensor) -> Action | None:
    """Return what the opening of a sensor leads to in this position, or None."""
    if sensor.kind in ALWAYS_LIVE:
        return Action.TRIGGER
    if sensor.bypassed or mode_of(position) not in sensor.modes:
        return None
    if not sensor.entry_delay or position.state is State.TRIGGERED:
        return Action.TRIGGER
    return Action.ENTER if position.target is None else None


def is_left_open(sensor: Sensor) -> bool:
    """Return whether a sensor counts as opened when the exit delay ends."""
    return sensor.active is True and sensor.kind in (Kind.DOOR, Kind.WINDOW)


def not_ready(sensors: Iterable[Sensor]) -> dict[str, list[dict[str, object]]]:
    """Return, for each mode, the sensors that prevent arming as `{"id", "name"}`."""
    preventing = [
        sensor
        for sensor in sensors
        if sensor.active
        and not sensor.bypassed
        and sensor.kind not in ALWAYS_LIVE
        and not (sensor.kind == Kind.MOTION and sensor.entry_delay)
    ]
    return {
        mode.value: [
            {"id": sensor.pk, "name": sensor.name} for sensor in preventing if mode in sensor.modes
        ]
        for mode in Mode
    }


def silent(sensors: Iterable[Sensor], mode: Mode, now: dt.datetime) -> list[tuple[Sensor, int]]:
    """Return the sensors that the mode relies on and that are silent, with the days since."""
    return [
        (sensor, (now - sensor.last_heard_at).days)
        for sensor in sensors
        if mode in sensor.modes and not sensor.bypassed
        if sensor.last_heard_at and sensor.silent_from and sensor.silent_from <= now
    ]


def words(sensor: Sensor) -> str:
    """Return the last report of a sensor in words."""
    return WORDS[sensor.kind][0 if sensor.active else 1]
