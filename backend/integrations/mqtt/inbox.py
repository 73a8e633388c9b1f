"""What has arrived and is not taken yet: filled in paho's thread, emptied in the bridge's."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence

import paho.mqtt.client as paho

from integrations.mqtt.extension import Arrival, Extension
from integrations.mqtt.topics import Topics

WAITING = 100  # commands, and reports, that are kept in their order
SENSORS = 1000  # of which the newest report is kept after that


class Inbox:
    """Bounded: of commands the newest are dropped, of reports those that others have replaced.

    It is `is_open` once the broker has answered to all subscriptions. What arrives before may have
    been published while there was no connection.
    """

    def __init__(
        self, topics: Topics, wake: Callable[[], None], extensions: Sequence[Extension] = ()
    ) -> None:
        self.is_open = False
        self.dropped = 0  # messages that came too fast
        self.commands: deque[Arrival] = deque()
        self.reports: deque[Arrival] = deque()
        self._newest: OrderedDict[str, Arrival] = OrderedDict()
        self._found: deque[tuple[str, bytes]] = deque(maxlen=SENSORS)
        self._topics, self._wake, self._extensions = topics, wake, extensions
        self._commands = {*topics.births, topics.command}

    def receive(self, message: paho.MQTTMessage) -> None:
        """Keep a message; called in paho's thread, so that it only does that."""
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return  # not one of our topics
        arrival = Arrival(message, time.monotonic(), not self.is_open)
        if topic in self._commands:
            self._keep_command(arrival)
        elif self._is_for_others(message):
            self._keep_report(arrival)
        elif message.payload:
            # Our retained messages: what matters is where they are, and a short state.
            self._found.append((topic, bytes(message.payload[:16])))
        self._wake()

    def _is_for_others(self, message: paho.MQTTMessage) -> bool:
        """Whether it is a report, an extension's, or has to be acknowledged all the same.

        The latter is what an earlier connection has subscribed and this one has no use for.
        """
        return (
            message.qos > 0
            or self._topics.is_report(message.topic)
            or any(one.wants(self._topics, message) for one in self._extensions)
        )

    def _keep_command(self, arrival: Arrival) -> None:
        if len(self.commands) < WAITING:
            self.commands.append(arrival)
        else:
            self.dropped += 1

    def _keep_report(self, arrival: Arrival) -> None:
        # What has QoS 1 is limited by the broker, which waits for acknowledgements.
        if arrival.message.qos or (len(self.reports) < WAITING and not self._newest):
            self.reports.append(arrival)
            return
        topic = arrival.message.topic
        self.dropped += topic in self._newest
        self._newest.pop(topic, None)
        self._newest[topic] = arrival
        if len(self._newest) > SENSORS:
            self._newest.popitem(last=False)
            self.dropped += 1

    def next_report(self) -> Arrival | None:
        """Return the oldest report, which stays until `remove`."""
        if not self.reports:
            try:
                self.reports.append(self._newest.popitem(last=False)[1])
            except KeyError:
                return None
        return self.reports[0]

    def remove(self, arrival: Arrival) -> None:
        """Remove a report that is taken."""
        self.reports.remove(arrival)

    def drain_found(self) -> set[tuple[str, bytes]]:
        """Return our retained messages that the broker has sent, each once."""
        found = set()
        while self._found:
            found.add(self._found.popleft())
        return found
