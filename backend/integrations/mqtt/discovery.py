"""Home Assistant's discovery messages, from which it makes the panel and its sensors.

https://www.home-assistant.io/integrations/alarm_control_panel.mqtt/
https://www.home-assistant.io/integrations/binary_sensor.mqtt/
"""

from typing import Any

from django.conf import settings

from alarm.models import Sensor
from integrations.mqtt.topics import Topics

NAME = "Alarm panel"
DEVICE_CLASSES = {
    "door": "door",
    "window": "window",
    "motion": "motion",
    "vibration": "vibration",
    "smoke": "smoke",
    "heat": "heat",
    "carbon_monoxide": "carbon_monoxide",
    "gas": "gas",
    "water": "moisture",
    "cold": "cold",
    "tamper": "tamper",
    "panic": "safety",
}


def panel(topics: Topics, *, arm_without_code: bool = False) -> dict[str, Any]:
    """Return the panel's configuration; the panel verifies the code."""
    return {
        "name": None,  # the device's
        "unique_id": f"{topics.node}_panel",
        "state_topic": topics.state,
        "json_attributes_topic": topics.attributes,
        "command_topic": topics.command,
        "command_template": '{"action": "{{ action }}", "code": "{{ code }}"}',
        "code": "REMOTE_CODE",
        "code_arm_required": not arm_without_code,
        "code_disarm_required": True,
        "supported_features": ["arm_home", "arm_away", "arm_night", "arm_vacation"],
        "qos": 1,
        **common(topics),
    }


def sensor(topics: Topics, sensor: Sensor) -> dict[str, Any]:
    return {
        "name": sensor.name,
        "unique_id": f"{topics.node}_sensor_{sensor.pk}",
        "device_class": DEVICE_CLASSES.get(sensor.kind),
        "state_topic": topics.sensor_state(sensor.pk),
        "qos": 1,
        **common(topics),
    }


def common(topics: Topics) -> dict[str, Any]:
    return {
        "availability_topic": topics.availability,
        "device": {
            "identifiers": [topics.node],
            "name": NAME,
            "manufacturer": NAME,
            "sw_version": settings.APP_VERSION,
        },
        "origin": {"name": NAME, "sw_version": settings.APP_VERSION},
    }
