"""Keeps the retained messages at the broker equal to the alarm and its sensors."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from alarm import services
from alarm.models import Alarm, Event, EventKind, Sensor
from integrations.mqtt import discovery
from integrations.mqtt.connection import ONLINE, Connection
from integrations.mqtt.extension import Extension
from integrations.mqtt.topics import Topics


class Mirror:
    """Publishes differences: of many changes at once, only their result."""

    def __init__(self, connection: Connection, extensions: Sequence[Extension] = ()) -> None:
        self.connection = connection
        self.extensions = extensions
        self.topics = connection.broker.topics
        self.published: dict[str, str] = {}

    def sync(self) -> None:
        """Read the alarm and publish what differs from what was published before."""
        wanted = retained(self.topics, self.connection.broker.arm_without_code)
        for extension in self.extensions:
            wanted |= extension.retained(self.topics)
        for topic in self.published.keys() - wanted.keys():
            self.connection.publish(topic, "")
        for topic, payload in wanted.items():
            if self.published.get(topic) != payload:
                self.connection.publish(topic, payload)
        self.published = wanted

    def forget(self) -> None:
        """Make the next `sync` publish everything."""
        self.published = {}

    def tidy(self, found: Iterable[tuple[str, bytes]]) -> None:
        """Correct what the broker has retained of ours: pairs of topic and payload.

        Remove topics that are not wanted: of sensors removed without a connection, and of earlier
        settings. The will of an earlier connection may arrive late and say offline.
        """
        for topic, payload in found:
            if topic not in self.published:
                self.connection.publish(topic, "")
            elif topic == self.topics.availability and payload != ONLINE.encode():
                self.connection.publish(topic, ONLINE)

    def clear(self) -> None:
        """Remove all of it, and wait shortly until the broker has done so."""
        sent = [self.connection.publish(topic, "") for topic in self.published]
        self.published = {}
        self.connection.wait_for(sent)


def attributes(alarm: Alarm, sensors: Iterable[Sensor]) -> dict[str, Any]:
    """Return what Home Assistant shows beside the state.

    `last_changed_by` has that name because Home Assistant keeps `changed_by` for itself.
    """
    last = Event.objects.filter(kind=EventKind.TRANSITION).first()
    by = last.person_name or last.sensor_name or last.source if last else ""
    return {
        "last_changed_by": by or None,
        "deadline": alarm.deadline.isoformat() if alarm.deadline else None,
        "open_sensors": [sensor.name for sensor in sensors if sensor.shown_active],
        "bypassed_sensors": [sensor.name for sensor in sensors if sensor.bypassed],
        "triggered_by": [trigger["name"] for trigger in alarm.triggered_by],
    }


def retained(topics: Topics, arm_without_code: bool = False) -> dict[str, str]:
    """Return the payload of every retained topic; configurations come before states."""
    sensors = list(Sensor.objects.all())
    found = {
        topics.panel_config: json.dumps(discovery.panel(topics, arm_without_code=arm_without_code))
    }
    for sensor in sensors:
        config = json.dumps(discovery.sensor(topics, sensor))
        found[topics.sensor_config(sensor.pk)] = config
    found[topics.availability] = ONLINE
    alarm = services.current()
    found[topics.attributes] = json.dumps(attributes(alarm, sensors))
    found[topics.state] = alarm.state
    for sensor in sensors:
        if sensor.active is not None:
            found[topics.sensor_state(sensor.pk)] = "ON" if sensor.shown_active else "OFF"
    return found
