"""What has arrived and is not taken yet: filled in paho's thread, emptied in the bridge's."""

import contextlib
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence

import paho.mqtt.client as paho

from integrations.mqtt.entities import BUTTONS
from integrations.mqtt.extension import Arrival, Extension
from integrations.mqtt.topics import Topics

WAITING = 100  # commands, and reports, that are kept in their order
SENSORS = 1000  # of which the newest report is kept after that
BACKGROUND = 500  # messages of extensions with QoS 0, taken when there is nothing else


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
        self._background: OrderedDict[str, Arrival] = OrderedDict()
        self._found: deque[tuple[str, bytes]] = deque(maxlen=SENSORS)
        self._topics, self._wake, self._extensions = topics, wake, extensions
        self._commands = {*topics.births, topics.command, *map(topics.button, BUTTONS)}

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
        topic = arrival.message.topic
        # What has QoS 1 is limited by the broker, which waits for acknowledgements.
        is_report = self._topics.is_report(topic)
        has_room = is_report and len(self.reports) < WAITING and not self._newest
        if arrival.message.qos or has_room:
            self.reports.append(arrival)
            return
        kept, most = (self._newest, SENSORS) if is_report else (self._background, BACKGROUND)
        self.dropped += topic in kept
        kept.pop(topic, None)
        kept[topic] = arrival
        if len(kept) > most:
            kept.popitem(last=False)
            self.dropped += 1

    def next_report(self) -> Arrival | None:
        """Return the oldest report, which stays until `remove`."""
        if not self.reports:
            # Another thread fills them: each is looked up and taken in one step.
            for kept in (self._newest, self._background):
                with contextlib.suppress(KeyError):
                    self.reports.append(kept.popitem(last=False)[1])
                    break
            else:
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
