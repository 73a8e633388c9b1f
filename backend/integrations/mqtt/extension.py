"""What takes part in the bridge beside the alarm and its sensors: more messages, more topics."""

from typing import NamedTuple

import paho.mqtt.client as paho

from integrations.mqtt.connection import Connection
from integrations.mqtt.topics import Topics


class Arrival(NamedTuple):
    """A message, its arrival by the monotonic clock, and whether it may be from before that."""

    message: paho.MQTTMessage
    at: float
    is_old: bool


class Subscription(NamedTuple):
    """A filter, and how it is subscribed: see `Connection.subscribe`."""

    filter: str
    qos: int = 0
    stored: bool = True


class Extension:
    """Override what is needed. One object serves all connections of a bridge.

    All methods are called in the bridge's thread, except `wants`. They may use the database: when
    it is away, the bridge calls them again later. A bridge looks at least every five seconds, after
    each change that is announced, and when `integrations.mqtt.worker.wake` is called.
    """

    def retained(self, topics: Topics) -> dict[str, str]:
        """Return the payload of each retained topic; configurations come before states."""
        return {}

    def retained_filters(self, topics: Topics) -> tuple[str, ...]:
        """Return filters of what is retained, so that what is left of earlier is found."""
        return ()

    def subscriptions(self, topics: Topics) -> frozenset[Subscription]:
        """Return what is to be subscribed now; differences are followed while it is connected."""
        return frozenset()

    def wants(self, topics: Topics, message: paho.MQTTMessage) -> bool:
        """Return whether a message is this extension's, in paho's thread: no database, no wait."""
        return False

    def take(self, link: Connection, arrival: Arrival) -> None:
        """Take a message that it wants; it is acknowledged after that.

        Raises Ignored with a reason to record, or a database's error: then it is taken again.
        """

    def step(self, link: Connection) -> None:
        """Do what is due, for example publish a message that is not retained."""
