"""What a message of another program says: the value in it, and whether that means on or off.

Home Assistant's programs describe the value with a template. Of these templates only the common
forms are understood: the whole message, and a member of its JSON.
https://www.home-assistant.io/docs/configuration/templating/#using-value-templates-with-mqtt
"""

import datetime as dt
import json
import re
from typing import Any, TypedDict

from core.serializers import RFC_3339, YEARS

_MEMBER = r"""\.[A-Za-z_]\w*|\[\s*(?:'[^'\\]+'|"[^"\\]+")\s*\]"""
_TEMPLATE = re.compile(
    rf"\{{\{{-?\s*value(?P<path>_json(?:{_MEMBER})+)?\s*(?:\|\s*is_defined\s*)?-?\}}\}}", re.ASCII
)
MISSING = object()


class NotUnderstood(Exception):
    """A template is none of the common forms."""


class Reading(TypedDict):
    """Where a value is, and the texts that mean on and off; as JSON, so that it can be stored."""

    topic: str
    path: list[str]  # members of the message's JSON, one in the other; empty: the whole message
    on: str
    off: str


def path_of(template: str | None) -> list[str]:
    """Return the members that a template leads to, or raise NotUnderstood."""
    if not template:
        return []
    found = _TEMPLATE.fullmatch(template.strip())
    if not found:
        raise NotUnderstood(template)
    members = re.findall(_MEMBER, found["path"] or "", re.ASCII)
    return [member.strip("[] .").strip("'\"") for member in members]


def text_of(value: Any) -> str:
    """Return a value as Home Assistant's templates write it: JSON's true as True."""
    return value if isinstance(value, str) else str(value)


def parsed(payload: bytes) -> Any:
    """Return the JSON of a message; MISSING where it is none."""
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return MISSING


def read(reading: Reading, payload: bytes) -> bool | None:
    """Return whether a message means on; None where it says neither on nor off."""
    if reading["path"]:
        value = parsed(payload)
        for member in reading["path"]:
            value = value.get(member, MISSING) if isinstance(value, dict) else MISSING
        if value is MISSING or isinstance(value, dict | list):
            return None
        text = text_of(value)
    else:
        text = payload.decode(errors="replace")
    return {reading["on"]: True, reading["off"]: False}.get(text)


def last_seen(payload: bytes) -> dt.datetime | None:
    """Return the moment of `last_seen` in a message's JSON, in each form that Zigbee2MQTT writes.

    https://www.zigbee2mqtt.io/guide/configuration/mqtt.html (`advanced.last_seen`)
    """
    message = parsed(payload)
    value = message.get("last_seen") if isinstance(message, dict) else None
    try:
        if isinstance(value, str) and RFC_3339.fullmatch(value):
            found = dt.datetime.fromisoformat(value.upper())
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found = dt.datetime.fromtimestamp(value / 1000, dt.UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return found if found.year in YEARS else None
