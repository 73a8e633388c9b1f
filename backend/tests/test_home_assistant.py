"""Discovery is what Home Assistant accepts: home_assistant.json is taken from its own package.

tests/mqtt/extract_schema.py takes it from there. A key that Home Assistant does not know makes it
ignore the whole message.
"""

import json

import pytest

from alarm.models import Sensor
from alarm.sensor_types import Kind
from integrations.mqtt import discovery
from integrations.mqtt.topics import Topics
from tests.conftest import BACKEND

ACCEPTED = json.loads((BACKEND / "tests/mqtt/home_assistant.json").read_text(encoding="utf-8"))
TOPICS = Topics("alarm_panel", "homeassistant")
PANELS = [discovery.panel(TOPICS, arm_without_code=flag) for flag in (False, True)]
SENSORS = {kind: discovery.sensor(TOPICS, Sensor(pk=7, name="Door", kind=kind)) for kind in Kind}


def faults(kind: str, payload: dict) -> set[str]:
    """Return the keys that Home Assistant does not know, and those that it misses."""
    known = ACCEPTED[kind]
    return (payload.keys() - known.keys()) | (
        {key for key, is_required in known.items() if is_required} - payload.keys()
    )


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        *(("alarm_control_panel", panel) for panel in PANELS),
        *(("binary_sensor", sensor) for sensor in SENSORS.values()),
    ],
)
def test_home_assistant_knows_each_key_and_misses_none(kind, payload):
    assert faults(kind, payload) == set()
    assert faults("device", payload["device"]) == set()
    assert faults("origin", payload["origin"]) == set()


def test_it_knows_the_features_of_the_panel():
    assert set(PANELS[0]["supported_features"]) <= set(ACCEPTED["supported_features"])


@pytest.mark.parametrize("kind", Kind)
def test_it_knows_the_class_of_each_kind_of_sensor(kind):
    assert SENSORS[kind]["device_class"] in ACCEPTED["device_classes"]


def test_a_wrong_key_would_be_found():
    assert faults("binary_sensor", SENSORS[Kind.DOOR] | {"device_klass": "door"}) == {
        "device_klass"
    }
    assert faults("binary_sensor", {"name": "Door"}) == {"state_topic"}
