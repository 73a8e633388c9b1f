"""The discovery messages of other programs: which sensors they describe, and how those report.

Zigbee2MQTT, ESPHome, Z-Wave JS UI and others publish them for Home Assistant:
https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery
"""

import json
import re
from typing import Any, TypedDict

from integrations.mqtt import discovery
from integrations.mqtt.ignored import Ignored
from integrations.mqtt.topics import OF_DEVICE, SENSOR, Topics
from integrations.mqtt.values import NotUnderstood, Reading, path_of, text_of

LARGEST = 32 * 1024  # bytes
MOST_COMPONENTS = 50  # of one device
LONGEST_TOPIC, LONGEST_KEY = 256, 300
LONGEST_EXPIRY = 10**7  # seconds

# https://www.home-assistant.io/integrations/mqtt/#supported-abbreviations-in-mqtt-discovery-messages
ABBREVIATIONS = {
    "avty": "availability",
    "avty_mode": "availability_mode",
    "avty_t": "availability_topic",
    "avty_tpl": "availability_template",
    "cmps": "components",
    "cns": "connections",
    "dev": "device",
    "dev_cla": "device_class",
    "exp_aft": "expire_after",
    "ids": "identifiers",
    "mdl": "model",
    "mf": "manufacturer",
    "o": "origin",
    "off_dly": "off_delay",
    "p": "platform",
    "pl_avail": "payload_available",
    "pl_not_avail": "payload_not_available",
    "pl_off": "payload_off",
    "pl_on": "payload_on",
    "stat_t": "state_topic",
    "t": "topic",
    "uniq_id": "unique_id",
    "val_tpl": "value_template",
}

# The kind of sensor for each class of Home Assistant's binary sensors that an alarm can use.
KINDS = {
    "door": "door",
    "garage_door": "door",
    "opening": "door",
    "window": "window",
    "motion": "motion",
    "moving": "motion",
    "occupancy": "motion",
    "presence": "motion",
    "vibration": "vibration",
    "smoke": "smoke",
    "heat": "heat",
    "carbon_monoxide": "carbon_monoxide",
    "gas": "gas",
    "moisture": "water",
    "cold": "cold",
    "tamper": "tamper",
}
BATTERY, TAMPER = "battery", "tamper"
MODES = ("latest", "all", "any")


class Candidate(TypedDict):
    """A sensor that another program describes; as JSON, so that it can be stored."""

    name: str  # of the entity; empty where it has its device's
    device_class: str
    device: str  # identifies the device; empty where it belongs to none
    device_name: str
    model: str
    origin: str  # the program that has published it
    state: Reading | None
    availability: list[Reading]
    availability_mode: str
    expire_after: int  # seconds, 0 for none
    refusal: str  # a code of REFUSALS; empty where it can be imported


REFUSALS = {
    "no_such_kind": "The panel has no kind of sensor for this device class.",
    "no_state_topic": "It has no topic that the panel can subscribe.",
    "template": "The panel does not understand its template.",
    "off_delay": "It never reports that it is quiet again, but has an off_delay instead.",
}


def filters(topics: Topics) -> tuple[str, ...]:
    """Return what to subscribe for discovery messages; a node's name may be in the topic."""
    return tuple(
        f"{topics.prefix}/{component}/{middle}/config"
        for component in (SENSOR, OF_DEVICE)
        for middle in ("+", "+/+")
    )


def is_discovery(topics: Topics, topic: str) -> bool:
    """Whether a topic is of another program's discovery of sensors."""
    own = f"{topics.prefix}/{SENSOR}/{topics.node}/"
    parts = topic.removeprefix(f"{topics.prefix}/").split("/")
    return (
        topic.startswith(f"{topics.prefix}/")
        and not topic.startswith(own)
        and parts[0] in (SENSOR, OF_DEVICE)
        and parts[-1] == "config"
        and len(parts) in (3, 4)
    )


def parse(topics: Topics, topic: str, payload: bytes) -> dict[str, Candidate]:
    """Return the sensors of a discovery message, each with a key of its own; none of a panel's.

    Raises Ignored.
    """
    if len(payload) > LARGEST:
        raise Ignored(f"a discovery message of more than {LARGEST // 1024} KiB.")
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Ignored("a discovery message that is not JSON.") from error
    if not isinstance(message, dict):
        raise Ignored("a discovery message that is not a JSON object.")
    message = _full(message)
    if _text(_part(message, "origin"), "name") == discovery.NAME:
        return {}
    found = _of_device(topics, topic, message)
    if found is None:
        found = {topic: _candidate(topics, message)}
    if not _is_text(found):
        raise Ignored("a discovery message with characters that no text has.")
    return found


def _of_device(topics: Topics, topic: str, message: dict[str, Any]) -> dict[str, Candidate] | None:
    """Return the sensors of a message that describes a whole device; None where it does not."""
    if not topic.startswith(f"{topics.prefix}/{OF_DEVICE}/"):
        return None
    shared = {name: value for name, value in message.items() if name != "components"}
    components = [
        (name, _full(component))
        for name, component in _part(message, "components").items()
        if isinstance(component, dict)
    ]
    return {
        f"{topic}#{name}"[:LONGEST_KEY]: _candidate(topics, {**shared, **component})
        for name, component in components[:MOST_COMPONENTS]
        if component.get("platform") == SENSOR
    }


def _candidate(topics: Topics, message: dict[str, Any]) -> Candidate:
    device, origin = _part(message, "device"), _part(message, "origin")
    seconds = message.get("expire_after")
    if type(seconds) is not int or not 0 < seconds < LONGEST_EXPIRY:
        seconds = 0
    found = Candidate(
        name=_text(message, "name")[:64],
        device_class=_text(message, "device_class")[:64],
        device=_identity(device),
        device_name=_text(device, "name")[:64],
        model=" ".join(filter(None, (_text(device, "manufacturer"), _text(device, "model"))))[:128],
        origin=_text(origin, "name")[:64],
        state=None,
        availability=[],
        availability_mode=_text(message, "availability_mode"),
        expire_after=seconds,
        refusal="",
    )
    if found["availability_mode"] not in MODES:
        found["availability_mode"] = MODES[0]
    if found["device_class"] not in (*KINDS, BATTERY):
        found["refusal"] = "no_such_kind"
    elif message.get("off_delay"):
        found["refusal"] = "off_delay"
    else:
        try:
            found["availability"] = list(_availability(topics, message))
            found["state"] = _reading(topics, message, "state", ("payload_on", "payload_off"))
        except NotUnderstood:
            found["refusal"] = "template"
        except LookupError:
            found["refusal"] = "no_state_topic"
    return found


def _availability(topics: Topics, message: dict[str, Any]) -> list[Reading]:
    """Return where it is published whether the sensor can be reached."""
    payloads = ("payload_available", "payload_not_available")
    entries = message.get("availability")
    if isinstance(entries, dict):
        entries = [entries]
    if isinstance(entries, list):
        given = [_full(entry) for entry in entries[:10] if isinstance(entry, dict)]
        return [_reading(topics, {**entry, "~": message.get("~")}, "", payloads) for entry in given]
    if "availability_topic" in message:
        return [_reading(topics, message, "availability", payloads)]
    return []


def _reading(
    topics: Topics, message: dict[str, Any], what: str, payloads: tuple[str, str]
) -> Reading:
    """Return how to read a value; raises LookupError without a topic, or NotUnderstood."""
    topic = message[f"{what}_topic" if what else "topic"]
    template = message.get("availability_template" if what == "availability" else "value_template")
    if isinstance(base := message.get("~"), str) and isinstance(topic, str):
        topic = re.sub(r"\A~|~\Z", lambda _: base, topic)
    if not isinstance(topic, str) or not _is_readable(topics, topic):
        raise LookupError(topic)
    if template is not None and not isinstance(template, str):
        raise NotUnderstood(template)
    usual = ("ON", "OFF") if what == "state" else ("online", "offline")
    on, off = (
        text_of(message.get(name, default)) for name, default in zip(payloads, usual, strict=True)
    )
    return Reading(topic=topic, path=path_of(template), on=on, off=off)


def _is_readable(topics: Topics, topic: str) -> bool:
    """Whether a topic is one, and neither the broker's own nor the panel's."""
    is_plain = 0 < len(topic) <= LONGEST_TOPIC and not re.search(r"[+#\0]", topic)
    return is_plain and not topic.startswith(("$", f"{topics.base}/"))


def _identity(device: dict[str, Any]) -> str:
    """Return what tells a device from others; empty without that."""
    found = device.get("identifiers") or device.get("connections") or ""
    return json.dumps(found, sort_keys=True)[:256] if found else ""


def _is_text(found: dict[str, Candidate]) -> bool:
    """Whether the database can store it: neither half a character nor a zero."""
    text = json.dumps(found, ensure_ascii=False)
    return "\\u0000" not in text and not re.search("[\ud800-\udfff]", text)


def _full(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message with the full names of its keys."""
    return {ABBREVIATIONS.get(name, name): value for name, value in message.items()}


def _part(message: dict[str, Any], name: str) -> dict[str, Any]:
    found = message.get(name)
    return _full(found) if isinstance(found, dict) else {}


def _text(message: dict[str, Any], name: str) -> str:
    """Return a text without control characters; empty where there is none."""
    found = message.get(name)
    return "".join(filter(str.isprintable, found)).strip() if isinstance(found, str) else ""
