"""Home Assistant's own package accepts what is announced: tests/support/home_assistant.py."""

import json
import subprocess
import sys

import pytest

from alarm.models import Sensor
from alarm.sensor_types import Kind
from integrations.mqtt import discovery, entities, outputs
from integrations.mqtt.topics import Topics
from outputs.models import Output
from tests.conftest import BACKEND
from tests.test_candidates import DOOR

TOPICS = Topics("alarm_panel/home", "homeassistant")
NO_PYTHON = 77
PANEL = discovery.panel(TOPICS)
SENSOR = discovery.sensor(TOPICS, Sensor(pk=7, name="Door", kind=Kind.DOOR))
SIREN = Output(pk=3, name="Siren", kind="mqtt", tones=["burglary", "fire"])

ANNOUNCED = [
    ("alarm_control_panel", PANEL),
    ("alarm_control_panel", discovery.panel(TOPICS, arm_without_code=True)),
    *(
        ("binary_sensor", discovery.sensor(TOPICS, Sensor(pk=7, name="Door", kind=kind)))
        for kind in Kind
    ),
    *((component, config) for component, _name, config in entities.all_of(TOPICS)),
    *((component, outputs.entity(TOPICS, SIREN, component)) for component in outputs.ENTITIES),
]
# What our tests import is what Home Assistant accepts, which knows abbreviations of the origin.
OF_OTHERS = [("binary_sensor", {**DOOR, "origin": {"name": "Zigbee2MQTT"}})]
WRONG = [
    ("alarm_control_panel", {**PANEL, "supported_features": ["fly"]}),
    ("alarm_control_panel", {**PANEL, "command_template": "{{ code"}),
    ("alarm_control_panel", {**PANEL, "code_format": "number"}),
    ("binary_sensor", {**SENSOR, "device_class": "doors"}),
    ("binary_sensor", {**SENSOR, "state_topic": ""}),
    ("event", {"state_topic": "events"}),
    ("button", {"name": "Panic"}),
    ("siren", {"name": "Siren"}),
]


@pytest.fixture(scope="module")
def answers() -> list[str]:
    """What Home Assistant says against each message, in their order; empty: nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.home_assistant"],
        input=json.dumps([*ANNOUNCED, *OF_OTHERS, *WRONG]),
        cwd=BACKEND.parent,
        stdout=subprocess.PIPE,
        text=True,
        timeout=900,
        check=False,
    )
    if done.returncode == NO_PYTHON:
        pytest.skip("Home Assistant's package needs Python 3.13.")
    assert done.returncode == 0
    return list(json.loads(done.stdout.splitlines()[-1]))


def test_home_assistant_accepts_each_message(answers):
    accepted = answers[: len(ANNOUNCED) + len(OF_OTHERS)]
    assert accepted == [""] * len(accepted)


def test_home_assistant_refuses_each_wrong_message(answers):
    refused = answers[len(ANNOUNCED) + len(OF_OTHERS) :]
    assert len(refused) == len(WRONG)
    assert all(refused), list(zip(WRONG, refused, strict=True))
