"""Which sensors the discovery messages of other programs describe, and what is refused."""

import json

import pytest

from integrations.mqtt import candidates, values
from integrations.mqtt.candidates import LARGEST, REFUSALS, parse
from integrations.mqtt.ignored import Ignored
from integrations.mqtt.topics import Topics

TOPICS = Topics("alarm_panel", "homeassistant")
TOPIC = "homeassistant/binary_sensor/0x01/contact/config"
DOOR = {
    "availability": [
        {"topic": "zigbee2mqtt/bridge/state", "value_template": "{{ value_json.state }}"},
        {
            "topic": "zigbee2mqtt/Front door/availability",
            "value_template": "{{ value_json.state }}",
        },
    ],
    "availability_mode": "all",
    "device": {
        "identifiers": ["zigbee2mqtt_0x01"],
        "manufacturer": "Aqara",
        "model": "Door and window sensor",
        "name": "Front door",
    },
    "device_class": "door",
    "origin": {"name": "Zigbee2MQTT", "sw": "2.1.0"},
    "payload_off": True,
    "payload_on": False,
    "state_topic": "zigbee2mqtt/Front door",
    "unique_id": "0x01_contact_zigbee2mqtt",
    "value_template": "{{ value_json.contact }}",
}
ESPHOME = {
    "name": "Window",
    "dev_cla": "window",
    "stat_t": "~/binary_sensor/window/state",
    "~": "garden",
    "avty_t": "~/status",
    "uniq_id": "ESPbinary_sensorwindow",
    "dev": {"ids": "a1b2c3", "name": "Garden", "mf": "Espressif", "mdl": "esp32"},
}


def found(message: object, topic: str = TOPIC) -> dict:
    """Return the only sensor of a message."""
    (one,) = parse(TOPICS, topic, json.dumps(message).encode()).values()
    return dict(one)


def test_a_sensor_of_zigbee2mqtt_is_understood():
    door = found(DOOR)
    assert door["refusal"] == ""
    assert (door["device_name"], door["device_class"]) == ("Front door", "door")
    assert (door["model"], door["origin"]) == ("Aqara Door and window sensor", "Zigbee2MQTT")
    state = {"topic": "zigbee2mqtt/Front door", "path": ["contact"], "on": "False", "off": "True"}
    assert door["state"] == state
    assert [one["topic"] for one in door["availability"]] == [
        "zigbee2mqtt/bridge/state",
        "zigbee2mqtt/Front door/availability",
    ]
    assert door["availability"][0]["path"] == ["state"]
    assert door["availability_mode"] == "all"


def test_abbreviations_are_understood():
    window = found(ESPHOME)
    assert window["refusal"] == ""
    assert (window["name"], window["device_name"]) == ("Window", "Garden")
    assert window["state"]["topic"] == "garden/binary_sensor/window/state"
    assert (window["state"]["on"], window["state"]["path"]) == ("ON", [])
    assert window["availability"][0] == {
        "topic": "garden/status",
        "path": [],
        "on": "online",
        "off": "offline",
    }


def test_a_device_brings_each_of_its_sensors():
    component = {name: DOOR[name] for name in ("device_class", "state_topic", "value_template")}
    message = {
        "dev": DOOR["device"],
        "o": DOOR["origin"],
        "cmps": {
            "door": {"p": "binary_sensor", **component},
            "window": {"p": "binary_sensor", **component, "device_class": "window"},
            "temperature": {"p": "sensor", "state_topic": "t"},
        },
        "avty_t": "zigbee2mqtt/bridge/state",
    }
    topic = "homeassistant/device/0x01/config"
    both = parse(TOPICS, topic, json.dumps(message).encode())
    assert both.keys() == {f"{topic}#door", f"{topic}#window"}
    assert {one["device_class"] for one in both.values()} == {"door", "window"}
    assert all(one["device_name"] == "Front door" and one["availability"] for one in both.values())


@pytest.mark.parametrize(
    ("template", "path"),
    [
        (None, []),
        ("", []),
        ("{{ value }}", []),
        ("{{value_json.contact}}", ["contact"]),
        ("{{ value_json.state | is_defined }}", ["state"]),
        ("{{ value_json['contact'] }}", ["contact"]),
        ('{{ value_json["a b"].c }}', ["a b", "c"]),
    ],
)
def test_common_templates_are_understood(template, path):
    assert values.path_of(template) == path


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"device_class": "plug"}, "no_such_kind"),
        ({"device_class": None}, "no_such_kind"),
        ({"device_class": ["door"]}, "no_such_kind"),
        ({"value_template": "{{ 'ON' if value_json.contact else 'OFF' }}"}, "template"),
        ({"value_template": "{{ value_json.contact }}x"}, "template"),
        ({"value_template": 7}, "template"),
        ({"availability": [{"topic": "a", "value_template": "{% if x %}"}]}, "template"),
        ({"state_topic": None}, "no_state_topic"),
        ({"state_topic": "#"}, "no_state_topic"),
        ({"state_topic": "zigbee2mqtt/+"}, "no_state_topic"),
        ({"state_topic": "$SYS/broker"}, "no_state_topic"),
        ({"state_topic": "alarm_panel/command"}, "no_state_topic"),
        ({"state_topic": "x" * 300}, "no_state_topic"),
        ({"availability": [{"topic": "alarm_panel/command"}]}, "no_state_topic"),
        ({"availability": [{}]}, "no_state_topic"),
        ({"off_delay": 30}, "off_delay"),
    ],
)
def test_what_is_not_understood_is_refused_with_a_sentence(change, code):
    refused = found({**DOOR, **change})
    assert refused["refusal"] == code
    assert REFUSALS[code].endswith(".")


@pytest.mark.parametrize(
    "payload",
    [
        b"not JSON",
        b"\xff\xfe",
        b"[]",
        b'"text"',
        b"7",
        b"[" * 30_000,
        json.dumps(DOOR).encode() + b" " * LARGEST,
        json.dumps({**DOOR, "payload_on": "a\0b"}).encode(),
        json.dumps({**DOOR, "payload_on": "\ud800"}).encode(),
    ],
)
def test_what_is_no_discovery_message_is_ignored(payload):
    with pytest.raises(Ignored):
        parse(TOPICS, TOPIC, payload)


@pytest.mark.parametrize("wrong", [None, 7, "text", [], {}, [None], True])
@pytest.mark.parametrize("name", [*DOOR, "expire_after", "name"])
def test_no_value_of_a_wrong_type_is_an_error(name, wrong):
    assert found({**DOOR, name: wrong})["refusal"] in ("", *REFUSALS)


def test_panels_are_no_source():
    assert (
        parse(TOPICS, TOPIC, json.dumps({**DOOR, "origin": {"name": "Alarm panel"}}).encode()) == {}
    )


@pytest.mark.parametrize(
    ("topic", "is_one"),
    [
        (TOPIC, True),
        ("homeassistant/binary_sensor/window/config", True),
        ("homeassistant/device/0x01/config", True),
        ("homeassistant/binary_sensor/alarm_panel/7/config", False),
        ("homeassistant/sensor/0x01/battery/config", False),
        ("homeassistant/binary_sensor/a/b/c/config", False),
        ("homeassistant/binary_sensor/a/b", False),
        ("other/binary_sensor/a/config", False),
    ],
)
def test_discovery_topics(topic, is_one):
    assert candidates.is_discovery(TOPICS, topic) is is_one


READING = values.Reading(topic="t", path=["contact"], on="False", off="True")


@pytest.mark.parametrize(
    ("payload", "meaning"),
    [
        (b'{"contact": false}', True),
        (b'{"contact": true}', False),
        (b'{"contact": "False"}', True),
        (b'{"contact": null}', None),
        (b'{"contact": {}}', None),
        (b'{"other": true}', None),
        (b"[]", None),
        (b"not JSON", None),
    ],
)
def test_a_value_in_json_means_on_or_off(payload, meaning):
    assert values.read(READING, payload) is meaning


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-01-31T12:00:00.000Z", "2026-01-31T12:00:00+00:00"),
        ("2026-01-31T13:00:00+01:00", "2026-01-31T13:00:00+01:00"),
        (1769860800000, "2026-01-31T12:00:00+00:00"),
        ("yesterday", None),
        (True, None),
        (1e300, None),
        (-1, None),
        (None, None),
    ],
)
def test_last_seen_is_read_in_each_form_of_zigbee2mqtt(value, moment):
    found = values.last_seen(json.dumps({"last_seen": value}).encode())
    assert (found.isoformat() if found else None) == moment
