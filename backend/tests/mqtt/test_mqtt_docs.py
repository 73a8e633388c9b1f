"""docs/home-assistant.md agrees with the code."""

import json
import re

from integrations.mqtt import discovery, ignored
from integrations.mqtt.broker import FIELDS
from integrations.mqtt.commands import ARMING, DISARM, LARGEST
from integrations.mqtt.connection import REFUSALS
from integrations.mqtt.topics import Topics
from tests.conftest import BACKEND

TEXT = (BACKEND.parent / "docs" / "home-assistant.md").read_text(encoding="utf-8")


def test_the_example_is_what_is_published(settings):
    settings.APP_VERSION = "0.1.0"
    (example,) = re.findall(r"```json\n(.*?)```", TEXT, re.S)
    assert json.loads(example) == discovery.panel(Topics("alarm_panel", "homeassistant"))


def test_every_topic_and_variable_is_there():
    topics = Topics("alarm_panel", "homeassistant")
    names = (
        topics.state,
        topics.attributes,
        topics.availability,
        topics.command,
        topics.panel_config,
        *topics.births,
    )
    numbered = (topics.sensor_state(7), topics.sensor_config(7), topics.sensor_sets)
    for name in (*names, *numbered, *ARMING, DISARM):
        assert f"`{name.replace('+', '7')}`" in TEXT or f'"{name}"' in TEXT, name
    for field in FIELDS:
        assert f"`MQTT_{field.upper()}`" in TEXT


def test_limits_are_those_of_the_code():
    assert f"{LARGEST:,} bytes" in TEXT
    assert ignored.RECORDED == 10
    assert REFUSALS[0x86] in TEXT
