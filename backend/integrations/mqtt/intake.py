"""Takes what has arrived: commands at once or never, reports always."""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from django.db import DatabaseError, InterfaceError

from alarm import sensor_reports
from integrations.mqtt import reports
from integrations.mqtt.commands import Commands
from integrations.mqtt.connection import ONLINE, UNACKNOWLEDGED, Connection
from integrations.mqtt.extension import Arrival, Extension
from integrations.mqtt.ignored import Ignored, Recorder
from integrations.mqtt.inbox import Inbox
from integrations.mqtt.mirror import Mirror

logger = logging.getLogger(__name__)

LATE = 10.0  # seconds; a command that waited longer is ignored
RETRIES = 1000  # sensors whose newest report is taken when they may report again


class Intake:
    """In the bridge's thread. It outlives connections: a repeated command is known as one."""

    def __init__(self, extensions: Sequence[Extension] = ()) -> None:
        self._commands, self._recorder = Commands(), Recorder()
        self._extensions = extensions
        self._again: dict[int, Arrival] = {}  # of sensors that report too often
        self._taken: deque[tuple[int, str, bytes]] = deque(maxlen=2 * UNACKNOWLEDGED)

    def take(self, link: Connection, inbox: Inbox, mirror: Mirror) -> None:
        """Take everything. A report that the database cannot store stays, and is tried again."""
        while inbox.commands:
            arrival = inbox.commands.popleft()
            if arrival.message.topic == link.broker.topics.command:
                self._attempt(partial(self._take_command, link, arrival))
            elif arrival.message.payload == ONLINE.encode():
                mirror.forget()  # Home Assistant has started and knows nothing
        self._retry(link)
        while report := inbox.next_report():
            self._attempt(partial(self._take_other, link, report))
            inbox.remove(report)
            link.acknowledge(report.message)
        if inbox.dropped:
            self._recorder.note(f"{inbox.dropped} messages that arrived too fast.")
            inbox.dropped = 0

    def _attempt(self, take: Callable[[], None]) -> None:
        """Take a message. One that fails for a reason of its own is never taken again."""
        try:
            take()
        except Ignored as reason:
            self._recorder.note(str(reason))
        except (DatabaseError, InterfaceError):
            raise
        except Exception:
            logger.exception("A message could not be taken.")

    def _take_command(self, link: Connection, arrival: Arrival) -> None:
        """Carry out a command; one that is retained is removed from the broker instead."""
        message = arrival.message
        if message.retain:
            if message.payload:
                link.publish(message.topic, "")
                raise Ignored("a command with the retain flag; the broker's copy is removed.")
            return  # another client removed one
        if arrival.is_old or time.monotonic() - arrival.at > LATE:
            raise Ignored("a command that waited too long.")
        self._commands.take(
            bytes(message.payload),
            arrival.at,
            is_again=message.dup,
            arm_without_code=link.broker.arm_without_code,
        )

    def _take_other(self, link: Connection, arrival: Arrival) -> None:
        """Take a report or an extension's message. One that is taken already is left out.

        The connection may have been lost before our acknowledgement reached the broker.
        """
        message, topics = arrival.message, link.broker.topics
        mark = (message.mid, message.topic, bytes(message.payload))
        if message.dup and mark in self._taken:
            return
        for extension in self._extensions:
            if extension.wants(topics, message):
                extension.take(link, arrival)
                break
        else:
            self._take_report(link, arrival)
        if message.qos:
            self._taken.append(mark)

    def _take_report(self, link: Connection, arrival: Arrival) -> None:
        message = arrival.message
        sensor_id = link.broker.topics.sensor_of(message.topic)
        if sensor_id is None or (message.retain and not message.payload):
            return  # it names no sensor, or another client removed a stored report
        self._again.pop(sensor_id, None)
        try:
            reports.take(sensor_id, bytes(message.payload), is_stored=message.retain)
        except sensor_reports.TooManyReports as error:
            if len(self._again) < RETRIES:
                self._again[sensor_id] = arrival
            raise Ignored(f"sensor {sensor_id}: {error}") from error

    def _retry(self, link: Connection) -> None:
        """Take the newest reports of sensors that reported too often: they tell how it ended."""
        for sensor_id, arrival in list(self._again.items()):
            try:
                reports.take(sensor_id, bytes(arrival.message.payload), arrival.message.retain)
            except sensor_reports.TooManyReports:
                continue
            except Ignored as reason:
                self._recorder.note(str(reason))
            del self._again[sensor_id]
