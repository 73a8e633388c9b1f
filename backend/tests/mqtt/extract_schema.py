"""Write what Home Assistant accepts in discovery to home_assistant.json, beside this file.

Its package is large, and needs a Python of its own, so that this is run by hand for a new version:

    python3.13 -m venv /tmp/home-assistant
    /tmp/home-assistant/bin/pip install homeassistant paho-mqtt
    /tmp/home-assistant/bin/python backend/tests/mqtt/extract_schema.py
"""

import json
from pathlib import Path
from typing import Any

import voluptuous  # type: ignore[import-not-found]  # see above
from homeassistant.components.binary_sensor import (  # type: ignore[import-not-found]  # 3.13 only
    BinarySensorDeviceClass,
)
from homeassistant.components.mqtt import (  # type: ignore[import-not-found]  # 3.13 only
    alarm_control_panel,
    binary_sensor,
)
from homeassistant.components.mqtt.schemas import (  # type: ignore[import-not-found]  # 3.13 only
    MQTT_ENTITY_DEVICE_INFO_SCHEMA,
    MQTT_ORIGIN_INFO_SCHEMA,
)
from homeassistant.const import (  # type: ignore[import-not-found]  # 3.13 only
    __version__ as version,
)


def keys(schema: Any) -> dict[str, bool]:
    """Return the keys of a schema, and whether each is required."""
    while not isinstance(schema, dict):
        if isinstance(schema, voluptuous.All):
            schema = next(part for part in schema.validators if hasattr(part, "schema"))
        schema = schema.schema
    return {str(key): isinstance(key, voluptuous.Required) for key in schema}


found = {
    "version": version,
    "alarm_control_panel": keys(alarm_control_panel.PLATFORM_SCHEMA_MODERN),
    "binary_sensor": keys(binary_sensor.PLATFORM_SCHEMA_MODERN),
    "device": keys(MQTT_ENTITY_DEVICE_INFO_SCHEMA),
    "origin": keys(MQTT_ORIGIN_INFO_SCHEMA),
    "device_classes": [str(one) for one in BinarySensorDeviceClass],
    "supported_features": list(alarm_control_panel._SUPPORTED_FEATURES),
}
file = Path(__file__).with_name("home_assistant.json")
file.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
