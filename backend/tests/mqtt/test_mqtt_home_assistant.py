"""Home Assistant's own package accepts what is announced: tests/support/home_assistant.py."""

import json
import subprocess
import sys

import pytest

from alarm.models import Sensor
from alarm.sensor_types import Kind
from integrations.mqtt import discovery
from integrations.mqtt.topics import Topics
from tests.conftest import BACKEND

TOPICS = Topics("alarm_panel/home", "homeassistant")
NO_PYTHON = 77
PANEL = discovery.panel(TOPICS)
SENSOR = discovery.sensor(TOPICS, Sensor(pk=7, name="Door", kind=Kind.DOOR))


def faults(*messages: tuple[str, dict]) -> list[str]:
    """Return what Home Assistant says against each message, by component; empty: nothing."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.home_assistant"],
        input=json.dumps(messages),
        cwd=BACKEND.parent,
        stdout=subprocess.PIPE,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode == NO_PYTHON:
        pytest.skip("Home Assistant's package needs Python 3.13.")
    assert done.returncode == 0
    return list(json.loads(done.stdout.splitlines()[-1]))


def test_home_assistant_accepts_each_message():
    messages = [
        *(("alarm_control_panel", discovery.panel(TOPICS, arm_without_code=f)) for f in (0, 1)),
        *(
            ("binary_sensor", discovery.sensor(TOPICS, Sensor(pk=7, name="Door", kind=kind)))
            for kind in Kind
        ),
    ]
    assert faults(*messages) == [""] * len(messages)


def test_home_assistant_refuses_what_is_wrong():
    wrong = [
        ("alarm_control_panel", {**PANEL, "supported_features": ["fly"]}),
        ("alarm_control_panel", {**PANEL, "command_template": "{{ code"}),
        ("alarm_control_panel", {**PANEL, "code_format": "number"}),
        ("binary_sensor", {**SENSOR, "device_class": "doors"}),
        ("binary_sensor", {**SENSOR, "state_topic": ""}),
    ]
    assert all(faults(*wrong))
