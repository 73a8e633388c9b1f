"""Takes the reports of imported sensors from the topics of the programs that publish them."""

from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as paho
from django.utils import timezone

from alarm import sensor_reports
from alarm.models import Cause
from integrations.models import ImportedSensor
from integrations.mqtt import imports, values
from integrations.mqtt.connection import Connection
from integrations.mqtt.extension import Arrival, Extension, Subscription
from integrations.mqtt.ignored import MQTT, Ignored
from integrations.mqtt.topics import Topics

LARGEST = 16 * 1024  # bytes
NAMES = {"state": "active", "battery": "battery_low", "tamper": "tamper"}


@dataclass
class Source:
    """Where one sensor is reported, and which of its availability topics say that it is away."""

    sensor_id: int
    source: dict[str, Any]
    away: dict[str, bool] = field(default_factory=dict)  # the latest topic is the last

    @property
    def availability(self) -> list[values.Reading]:
        return list(self.source["availability"])

    @property
    def topics(self) -> set[str]:
        """Every topic that says something about it."""
        readings = [self.source[name] for name in NAMES if self.source[name]]
        return {reading["topic"] for reading in (*readings, *self.availability)}

    @property
    def is_offline(self) -> bool:
        """Whether it cannot be reached, as Home Assistant combines its topics."""
        match self.source["availability_mode"]:
            case "all":
                return any(self.away.values())
            case "any":
                is_known = len(self.away) == len({one["topic"] for one in self.availability})
                return is_known and all(self.away.values())
            case _:
                return next(reversed(self.away.values()), False)


class ImportedSensors(Extension):
    """A report counts when it arrives. One that the broker had stored counts by its `last_seen`."""

    def __init__(self) -> None:
        self._sources: dict[int, Source] = {}
        self._topics: frozenset[str] = frozenset()  # replaced as a whole: two threads read it

    def subscriptions(self, topics: Topics) -> frozenset[Subscription]:
        rows = ImportedSensor.objects.values_list("sensor_id", "source")
        sources = {}
        for sensor_id, source in rows:
            known = self._sources.get(sensor_id)
            is_same = known is not None and known.source == source
            sources[sensor_id] = known if known and is_same else Source(sensor_id, source)
        self._sources = sources
        self._topics = frozenset().union(*(source.topics for source in sources.values()))
        return frozenset(Subscription(topic, qos=1) for topic in self._topics)

    def wants(self, topics: Topics, message: paho.MQTTMessage) -> bool:
        return message.topic in self._topics

    def take(self, link: Connection, arrival: Arrival) -> None:
        """Take a message for each sensor that it says something about.

        Raises Ignored, or TooManyReports: it may be taken later.
        """
        message = arrival.message
        payload = bytes(message.payload)
        if not payload:
            return  # a client has removed what the broker had stored
        if len(payload) > LARGEST:
            raise Ignored(f"a message of more than {LARGEST // 1024} KiB on {message.topic[:100]}.")
        for source in self._sources.values():
            if message.topic in source.topics:
                _take_availability(source, message.topic, payload)
                _take_report(source, message.topic, payload, is_stored=message.retain)

    def step(self, link: Connection) -> None:
        """Let the alarm know which sensors their sources can reach."""
        for row in ImportedSensor.objects.select_related("sensor"):
            imports.follow_contact(row)


def _take_availability(source: Source, topic: str, payload: bytes) -> None:
    readings = (one for one in source.availability if one["topic"] == topic)
    answers = (values.read(reading, payload) for reading in readings)
    is_online = next((answer for answer in answers if answer is not None), None)
    if is_online is None:
        return
    source.away.pop(topic, None)
    source.away[topic] = not is_online
    rows = ImportedSensor.objects.filter(sensor_id=source.sensor_id)
    rows.exclude(is_offline=source.is_offline).update(is_offline=source.is_offline)


def _take_report(source: Source, topic: str, payload: bytes, is_stored: bool) -> None:
    """Take a report; what says nothing of the sensor itself is a sign of life."""
    readings = {NAMES[name]: source.source[name] for name in NAMES if source.source[name]}
    readings = {name: one for name, one in readings.items() if one["topic"] == topic}
    if not readings:
        return
    said = {name: values.read(reading, payload) for name, reading in readings.items()}
    says_nothing = all(value is None for value in said.values())
    if says_nothing and not isinstance(values.parsed(payload), dict):
        raise Ignored(f"a message on {topic[:100]} that is neither on nor off.")
    at = values.last_seen(payload)
    if is_stored and at is None:
        return  # its age is not known, and so it is no proof that the sensor is there
    is_late = at is not None and timezone.now() - at > sensor_reports.LATEST
    try:
        sensor_reports.take(
            source.sensor_id,
            said.get("active"),
            battery_low=said.get("battery_low"),
            tamper=said.get("tamper"),
            at=at,
            is_stored=is_stored or is_late,
            actor=MQTT,
            cause=Cause.MQTT,
        )
    except (sensor_reports.Stale, sensor_reports.Replayed, sensor_reports.UnknownSensor):
        return  # the usual case: it is published again, or the sensor was removed a moment ago
    except sensor_reports.InTheFuture as error:
        raise Ignored(f"sensor {source.sensor_id}: {error}") from error
