"""What Home Assistant is told so that it makes the panel and its sensors by itself.

https://www.home-assistant.io/integrations/alarm_control_panel.mqtt/
https://www.home-assistant.io/integrations/binary_sensor.mqtt/
"""

from django.conf import settings

from integrations.mqtt.topics import Topics

NAME = "Alarm panel"
DEVICE_CLASSES = {
    "door": "door",
    "window": "window",
    "motion": "motion",
    "smoke": "smoke",
    "water": "moisture",
}


def panel(topics: Topics) -> dict:
    """Return the panel's configuration; its code is asked for there and judged here."""
    return {
        "name": None,  # the device's
        "unique_id": f"{topics.node}_panel",
        "state_topic": topics.state,
        "command_topic": topics.command,
        "command_template": '{"action": "{{ action }}", "code": "{{ code }}"}',
        "code": "REMOTE_CODE",
        "code_arm_required": True,
        "code_disarm_required": True,
        "supported_features": ["arm_home", "arm_away", "arm_night"],
        "qos": 1,
        **_common(topics),
    }


def sensor(topics: Topics, shape: dict) -> dict:
    """Return a sensor's configuration; `shape` is the sensor as the API gives it."""
    return {
        "name": shape["name"],
        "unique_id": f"{topics.node}_sensor_{shape['id']}",
        "device_class": DEVICE_CLASSES[shape["kind"]],
        "state_topic": topics.sensor_state(shape["id"]),
        "qos": 1,
        **_common(topics),
    }


def _common(topics: Topics) -> dict:
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
