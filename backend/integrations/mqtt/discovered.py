"""Collects what other programs announce for Home Assistant, so that an admin can import it."""

import time

import paho.mqtt.client as paho
from django.db.models import Q

from alarm import events
from alarm.models import Cause, EventKind
from integrations import facts
from integrations.models import DiscoveredSensor, ImportedSensor
from integrations.mqtt import candidates, imports
from integrations.mqtt.candidates import Candidate
from integrations.mqtt.connection import Connection
from integrations.mqtt.extension import Arrival, Extension, Subscription
from integrations.mqtt.ignored import MQTT, Ignored
from integrations.mqtt.topics import Topics

MOST = 500  # sensors that are kept, so that a flood at the broker does not fill the database
SETTLED = 30.0  # seconds after which the broker has sent all that it retains


class DiscoveredSensors(Extension):
    """Keeps the table of discovered sensors equal to what the broker retains."""

    def __init__(self) -> None:
        self._link: Connection | None = None
        self._since = 0.0  # by the monotonic clock
        self._seen: set[str] | None = None  # keys in this connection; None once it is settled

    def subscriptions(self, topics: Topics) -> frozenset[Subscription]:
        return frozenset(Subscription(name) for name in candidates.filters(topics))

    def wants(self, topics: Topics, message: paho.MQTTMessage) -> bool:
        return candidates.is_discovery(topics, message.topic)

    def take(self, link: Connection, arrival: Arrival) -> None:
        """Store the sensors of a message, and remove those that it describes no longer."""
        self._notice(link)
        topic, payload = arrival.message.topic, bytes(arrival.message.payload)
        if len(topic) > candidates.LONGEST_TOPIC:
            raise Ignored("a discovery message on a very long topic.")
        found = candidates.parse(link.broker.topics, topic, payload) if payload else {}
        if self._seen is not None:
            self._seen |= found.keys()
        is_of_topic = Q(key=topic) | Q(key__startswith=f"{topic}#")
        known = dict(DiscoveredSensor.objects.filter(is_of_topic).values_list("key", "data"))
        if known == found:
            return
        room = MOST - DiscoveredSensor.objects.exclude(is_of_topic).count()
        DiscoveredSensor.objects.filter(is_of_topic).exclude(key__in=found).delete()
        for key, data in list(found.items())[:room]:
            DiscoveredSensor.objects.update_or_create(key=key, defaults={"data": data})
        _follow(is_of_topic, {**known, **found})
        if len(found) > room:
            raise Ignored(f"a discovered sensor beyond the {MOST} that are kept.")

    def step(self, link: Connection) -> None:
        """Remove, once the broker has sent everything, what it does not retain any more."""
        self._notice(link)
        if self._seen is not None and time.monotonic() - self._since > SETTLED:
            imported = ImportedSensor.objects.values("key")
            gone = DiscoveredSensor.objects.exclude(key__in=self._seen)
            gone.exclude(key__in=imported).delete()
            self._seen = None

    def _notice(self, link: Connection) -> None:
        """Begin anew with each connection."""
        if link is not self._link:
            self._link, self._since, self._seen = link, time.monotonic(), set()


def _follow(is_of_topic: Q, changed: dict[str, Candidate]) -> None:
    """Let imported sensors follow a change, for example a device's new name at its source."""
    devices = {data["device"] for data in changed.values()}
    of_devices = DiscoveredSensor.objects.filter(data__device__in=[d for d in devices if d])
    keys = {*changed, *of_devices.values_list("key", flat=True)}
    for row in ImportedSensor.objects.filter(key__in=keys).select_related("sensor"):
        discovered = DiscoveredSensor.objects.filter(key=row.key).first()
        is_gone = discovered is None or bool(discovered.data["refusal"])
        source = row.source if is_gone or not discovered else imports.source_of(discovered)
        if (source, is_gone) == (row.source, row.is_gone):
            continue
        if is_gone:
            detail = facts.SOURCE_GONE()
        else:
            detail = facts.SOURCE_MOVED(topic=source["state"]["topic"])
        row.source, row.is_gone = source, is_gone
        row.save(update_fields=["source", "is_gone"])
        kind, cause = EventKind.INTEGRATION, Cause.MQTT
        events.record(kind, cause=cause, actor=MQTT, sensor=row.sensor, detail=detail)
