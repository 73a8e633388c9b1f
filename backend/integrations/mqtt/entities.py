"""What Home Assistant shows beside the panel and its sensors: trouble, memory, events, buttons.

https://www.home-assistant.io/integrations/binary_sensor.mqtt/,
https://www.home-assistant.io/integrations/event.mqtt/ and
https://www.home-assistant.io/integrations/button.mqtt/
"""

from collections.abc import Iterator
from typing import Any

from integrations.mqtt import discovery
from integrations.mqtt.topics import Topics

PANIC, ACKNOWLEDGE = "panic", "acknowledge"
BUTTONS = {PANIC: "Panic", ACKNOWLEDGE: "Acknowledge the alarm"}
PRESS = "PRESS"
EVENT_TYPES = (
    *("arming", "armed", "pending", "triggered", "disarmed"),
    *("trouble", "trouble_ended", "acknowledged"),
)


def all_of(topics: Topics) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each entity: Home Assistant's component, a name of its own, and its configuration."""
    yield (
        "binary_sensor",
        "trouble",
        {
            **_entity(topics, "trouble", "Trouble"),
            "device_class": "problem",
            "state_topic": topics.trouble,
        },
    )
    yield (
        "binary_sensor",
        "memory",
        {
            **_entity(topics, "memory", "There was an alarm"),
            "icon": "mdi:alarm-light-outline",
            "state_topic": topics.memory,
        },
    )
    yield (
        "event",
        "events",
        {
            **_entity(topics, "events", "Events"),
            "event_types": list(EVENT_TYPES),
            "state_topic": topics.event,
        },
    )
    for name, label in BUTTONS.items():
        yield (
            "button",
            name,
            {
                **_entity(topics, name, label),
                "command_topic": topics.button(name),
                "payload_press": PRESS,
            },
        )


def _entity(topics: Topics, name: str, label: str) -> dict[str, Any]:
    return {
        "name": label,
        "unique_id": f"{topics.node}_{name}",
        "qos": 1,
        **discovery.common(topics),
    }
