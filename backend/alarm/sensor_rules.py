"""Every rule of how sensors affect the alarm, without queries.

How a sensor reacts is its type's, `alarm/sensor_types.py` has the table:

- Fire, carbon monoxide, gas and water sound the siren at once in every state. They cannot be
  bypassed, and arming does not wait for them: it changes nothing about them. As long as one is
  active the alarm stays triggered: at the siren's end it goes on, and disarming only silences it.
- Tamper and panic, too, sound it at once in every state. A silent panic changes nothing that can be
  seen: it is an event that only admins see.
- An environmental sensor is a trouble while it is active, and sounds nothing.
- The others are live where the alarm is armed in one of their modes, unless bypassed. Entry/exit
  starts the entry delay, and is ignored in both delays: it is on the way out or in. Perimeter
  sounds the siren at once, in the delays as well. Interior is ignored in both delays: it sees the
  person who leaves, or has come in by the entry. Without an entry delay it sounds the siren.
- While the siren sounds, each sensor that opens joins the list of those that triggered it, and the
  siren's time starts again; once each, so that a bouncing sensor cannot prolong it for ever.
- The opening counts. A sensor that reports again that it is open, or is still open when the
  siren ends, triggers nothing. One that has only given signs of life counts as closed.
- A door or window that is still open when the exit delay ends counts as opened at that moment.
  Motion does not: detectors stay active for a minute after the last movement.
- A sensor that reports tampering sounds the siren where the alarm is armed in one of its modes;
  otherwise that is a trouble.
- Ready to arm means that each sensor that the mode relies on is closed, in contact and not
  tampered with. A motion sensor that is ignored in the exit delay may be active: it sees the
  person who arms.
"""

import datetime as dt
from collections.abc import Iterable

from alarm.facts import WORDS
from alarm.models import Sensor
from alarm.sensor_types import (
    LIFE_SAFETY,
    OF_MODES,
    RELIED_ON,
    Kind,
    Mode,
    Reason,
    Trouble,
    Type,
)
from alarm.transitions import Action, Position, State
from core.sentences import Sentence

AT_ONCE = (*LIFE_SAFETY, Type.TAMPER, Type.PANIC)  # in every state


def mode_of(position: Position) -> Mode | None:
    """Return the mode that the alarm is armed in or being armed to, or None."""
    armed = position.state if position.state.startswith("armed_") else position.target
    return Mode(armed.removeprefix("armed_")) if armed else None


def is_watched(sensor: Sensor, mode: Mode | None) -> bool:
    """Return whether a sensor is live where the alarm is armed in this mode, or not (None)."""
    if sensor.type in OF_MODES:
        return mode in sensor.modes and not sensor.bypassed
    return sensor.type in AT_ONCE and not sensor.bypassed


def reaction(position: Position, sensor: Sensor) -> Action | None:
    """Return what the opening of a sensor leads to in this position, or None."""
    if not is_watched(sensor, mode_of(position)):
        return None
    in_a_delay = position.state in (State.ARMING, State.PENDING)
    if in_a_delay and sensor.type in (Type.ENTRY_EXIT, Type.INTERIOR):
        return None
    if sensor.type == Type.ENTRY_EXIT and position.target is None:
        return Action.ENTER
    return Action.TRIGGER


def reaction_to_tampering(position: Position, sensor: Sensor) -> Action | None:
    """Return what a sensor's report of tampering leads to in this position, or None."""
    mode = mode_of(position)
    return Action.TRIGGER if mode and is_watched(sensor, mode) else None


def reaction_to_closing(position: Position, sensor: Sensor) -> Action | None:
    """Return what the closing of a sensor leads to in this position, or None."""
    is_last = sensor.final_door and is_watched(sensor, mode_of(position))
    return Action.EXIT_ELAPSED if is_last and position.state is State.ARMING else None


def is_danger(sensor: Sensor) -> bool:
    """Return whether a sensor keeps the alarm triggered, in any state."""
    return sensor.active is True and sensor.type in LIFE_SAFETY


def is_unheard(sensor: Sensor, now: dt.datetime) -> bool:
    """Return whether a sensor's heartbeat has run out."""
    return sensor.no_contact_from is not None and sensor.no_contact_from <= now


def is_left_open(sensor: Sensor) -> bool:
    """Return whether a sensor counts as opened when the exit delay ends."""
    return sensor.active is True and sensor.kind in (Kind.DOOR, Kind.WINDOW)


def can_be_bypassed(sensor: Sensor) -> bool:
    """Return whether a sensor may be left out: none that protects lives."""
    return sensor.type not in (*LIFE_SAFETY, Type.PANIC, Type.SILENT_PANIC)


def reasons(sensor: Sensor) -> list[Reason]:
    """Return why a sensor prevents arming in its modes, if it does."""
    if sensor.bypassed or sensor.type not in RELIED_ON:
        return []
    sees_who_arms = sensor.kind == Kind.MOTION and sensor.type != Type.PERIMETER
    is_open = sensor.active is True and not sees_who_arms
    was_never_heard = sensor.last_heard_at is None and sensor.no_contact_from is not None
    found = {
        Reason.OPEN: is_open and sensor.type != Type.TAMPER,
        Reason.NO_CONTACT: sensor.no_contact or was_never_heard,
        Reason.TAMPER: sensor.tampered or (is_open and sensor.type == Type.TAMPER),
    }
    return [reason for reason, is_so in found.items() if is_so]


def not_ready(sensors: Iterable[Sensor]) -> dict[str, list[dict[str, object]]]:
    """Return, for each mode, the sensors that prevent arming as `{"id", "name", "reasons"}`."""
    preventing = [(sensor, found) for sensor in sensors if (found := reasons(sensor))]
    return {
        mode.value: [
            {"id": sensor.pk, "name": sensor.name, "reasons": [str(reason) for reason in found]}
            for sensor, found in preventing
            if mode in sensor.modes
        ]
        for mode in Mode
    }


def in_trouble(sensors: Iterable[Sensor]) -> list[dict[str, object]]:
    """Return the sensors in trouble as `{"id", "name", "trouble"}`."""
    return [
        {"id": sensor.pk, "name": sensor.name, "trouble": [str(one) for one in sensor.trouble]}
        for sensor in sensors
        if sensor.trouble
    ]


def standing(sensor: Sensor) -> tuple[list[Reason], list[Trouble]]:
    """Return what of a sensor is in the alarm's row: why it prevents arming, and its trouble."""
    return reasons(sensor), sensor.trouble


def words(sensor: Sensor) -> Sentence:
    """Return the last report of a sensor in words."""
    return WORDS[sensor.kind][0 if sensor.active else 1]
