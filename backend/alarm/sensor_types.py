"""What sensors are (their kind) and how the alarm reacts to them (their type). Pure tables.

A kind is the device: a door's contact, a smoke detector. A type is the trade's zone type. Each kind
has the types that suit it, the first of which is its default. ADR-0035 has the reasons.
"""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    DOOR = "door"
    WINDOW = "window"
    MOTION = "motion"
    VIBRATION = "vibration"
    SMOKE = "smoke"
    HEAT = "heat"
    CARBON_MONOXIDE = "carbon_monoxide"
    GAS = "gas"
    WATER = "water"
    COLD = "cold"
    TAMPER = "tamper"
    PANIC = "panic"


class Type(StrEnum):
    ENTRY_EXIT = "entry_exit"
    PERIMETER = "perimeter"
    INTERIOR = "interior"
    TAMPER = "tamper"
    PANIC = "panic"
    SILENT_PANIC = "silent_panic"
    FIRE = "fire"
    CARBON_MONOXIDE = "carbon_monoxide"
    GAS = "gas"
    WATER = "water"
    ENVIRONMENTAL = "environmental"


class Mode(StrEnum):
    """The modes in which the alarm can be armed, and a sensor can be live."""

    HOME = "home"
    AWAY = "away"
    NIGHT = "night"
    VACATION = "vacation"


class Trouble(StrEnum):
    """What is wrong with a sensor, or with what it measures."""

    NO_CONTACT = "no_contact"
    LOW_BATTERY = "low_battery"
    TAMPER = "tamper"
    ENVIRONMENTAL = "environmental"


class Reason(StrEnum):
    """Why a sensor prevents arming."""

    OPEN = "open"
    NO_CONTACT = "no_contact"
    TAMPER = "tamper"


OF_MODES = (Type.ENTRY_EXIT, Type.PERIMETER, Type.INTERIOR)  # live where the alarm is armed so
LIFE_SAFETY = (Type.FIRE, Type.CARBON_MONOXIDE, Type.GAS, Type.WATER)
# They are relied on to arm: what they do not tell prevents it, unless they are bypassed.
RELIED_ON = (*OF_MODES, Type.TAMPER)

_OPENING = (Type.INTERIOR, Type.ENVIRONMENTAL)
TYPES: dict[Kind, tuple[Type, ...]] = {
    Kind.DOOR: (Type.ENTRY_EXIT, Type.PERIMETER, *_OPENING),
    Kind.WINDOW: (Type.PERIMETER, Type.ENTRY_EXIT, *_OPENING),
    Kind.MOTION: (Type.INTERIOR, Type.ENTRY_EXIT, Type.PERIMETER, Type.ENVIRONMENTAL),
    Kind.VIBRATION: (Type.PERIMETER, Type.TAMPER),
    Kind.SMOKE: (Type.FIRE,),
    Kind.HEAT: (Type.FIRE,),
    Kind.CARBON_MONOXIDE: (Type.CARBON_MONOXIDE,),
    Kind.GAS: (Type.GAS,),
    Kind.WATER: (Type.WATER, Type.ENVIRONMENTAL),
    Kind.COLD: (Type.ENVIRONMENTAL,),
    Kind.TAMPER: (Type.TAMPER,),
    Kind.PANIC: (Type.PANIC, Type.SILENT_PANIC),
}

# Seconds. Zigbee2MQTT, too, calls a battery device offline after 25 hours:
# https://www.zigbee2mqtt.io/guide/configuration/device-availability.html
HEARTBEAT = 90_000


class Defaults(NamedTuple):
    """What a sensor of a kind and type has unless it is said, and what can be said at all."""

    type: Type
    modes: list[str]
    chime: bool
    has_modes: bool
    has_entry_delay: bool
    has_final_door: bool
    has_chime: bool


def defaults(kind: str, type: str) -> Defaults:
    """Return the defaults of a kind and one of its types; modes in their order."""
    has_modes = type in OF_MODES
    outside = type == Type.INTERIOR or (kind == Kind.MOTION and has_modes)
    modes = (Mode.AWAY, Mode.VACATION) if outside else tuple(Mode)
    return Defaults(
        type=Type(type),
        modes=[mode.value for mode in modes],
        chime=False,
        has_modes=has_modes,
        has_entry_delay=type == Type.ENTRY_EXIT,
        has_final_door=type == Type.ENTRY_EXIT and kind == Kind.DOOR,
        has_chime=has_modes,
    )


def table() -> list[dict[str, object]]:
    """Return every kind with its heartbeat in seconds and its types with their defaults."""
    return [
        {
            "kind": kind,
            "heartbeat": HEARTBEAT,
            "types": [defaults(kind, type)._asdict() for type in types],
        }
        for kind, types in TYPES.items()
    ]
