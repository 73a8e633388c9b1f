"""The thread between the alarm and the broker: it connects, publishes, and carries out commands.

All work is done in this one thread, without locks. Two others only wake it: paho's, which hands
over messages, and the listener's, after a change.
"""

import logging
import queue
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

import paho.mqtt.client as paho
from django.db import DatabaseError, InterfaceError, connection

from integrations.mqtt import broker as brokers
from integrations.mqtt import reports, status
from integrations.mqtt.broker import Broker
from integrations.mqtt.commands import Commands
from integrations.mqtt.connection import ONLINE, Connection, Refused, Unreachable
from integrations.mqtt.ignored import Ignored, Recorder
from integrations.mqtt.listener import Listener
from integrations.mqtt.mirror import Mirror
from integrations.mqtt.topics import Topics

logger = logging.getLogger(__name__)

LOOK_EVERY = 5.0  # seconds; finds changes whose announcement was lost
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between attempts to connect
STEADY = 30.0  # seconds; a connection that lasted longer makes the next pause the first again
REFUSED_PAUSE = 300.0  # seconds; a broker may ban clients that try a wrong password too often
WAITING = 100  # messages that are kept until it is their turn
LATE = 10.0  # seconds; a message that waited longer is ignored


class Arrival(NamedTuple):
    """A message, and its arrival by the monotonic clock."""

    message: paho.MQTTMessage
    at: float


class Bridge(threading.Thread):
    """Runs until `stop`; a missing database or broker only delays it."""

    def __init__(self) -> None:
        super().__init__(name="mqtt", daemon=True)
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._inbox: queue.Queue[Arrival] = queue.Queue(WAITING)
        self._dropped = 0  # messages that came too fast
        self._found: deque[tuple[str, bytes]] = deque(maxlen=1000)  # our retained messages
        self._commands, self._recorder = Commands(), Recorder()

    def stop(self) -> None:
        """Ask it to end; `join` waits for that."""
        self._stopping.set()
        self._wake.set()

    # --- The thread -----------------------------------------------------------------------------

    def run(self) -> None:
        """Follow the settings until `stop`, whatever fails."""
        listener = Listener(self._wake.set)
        listener.start()
        is_failing = False
        while not self._stopping.is_set():
            try:
                self._follow_settings()
                is_failing = False
            except (DatabaseError, InterfaceError) as error:
                logger.log(logging.DEBUG if is_failing else logging.ERROR, "MQTT waits: %s", error)
                is_failing = True
                self._stopping.wait(FIRST_PAUSE)
            except Exception:
                logger.exception("MQTT failed, starting it again.")
                self._stopping.wait(FIRST_PAUSE)
            finally:
                connection.close()
        listener.stop()
        self._store_end()

    def _follow_settings(self) -> None:
        """Do what the settings say, until they change."""
        broker = brokers.load()
        if not broker.enabled:
            self._report(status.OFF)
            self._wait_for_other(broker, seconds=None)
        elif broker.fault:
            self._report(status.REFUSED, broker.fault)
            self._wait_for_other(broker, seconds=None)
        else:
            self._stay_connected(broker)

    def _stay_connected(self, broker: Broker) -> None:
        """Connect, and again after each failure, until the settings change."""
        self._report(status.CONNECTING)
        pause = FIRST_PAUSE
        is_same = True
        while is_same and not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._connect_and_serve(broker)
                return
            except Unreachable as error:
                self._report(status.UNREACHABLE, str(error))
                if time.monotonic() - began > STEADY:
                    pause = FIRST_PAUSE
                wait, pause = pause, min(pause * 2, LONGEST_PAUSE)
            except Refused as error:
                self._report(status.REFUSED, str(error))
                wait = REFUSED_PAUSE
            # Random, so that after a power cut not all panels connect at the same moment.
            is_same = self._wait_for_other(broker, wait * random.uniform(0.5, 1.0))

    def _wait_for_other(self, broker: Broker, seconds: float | None) -> bool:
        """Wait until the settings change (return False) or the time is up (return True)."""
        end = None if seconds is None else time.monotonic() + seconds
        while not self._stopping.is_set():
            remaining = LOOK_EVERY if end is None else min(LOOK_EVERY, end - time.monotonic())
            if remaining <= 0:
                return True
            self._pause(remaining)
            if brokers.load() != broker:
                return False
        return False

    # --- While there is a connection ------------------------------------------------------------

    def _connect_and_serve(self, broker: Broker) -> None:
        """Connect and serve until the settings change; or raise Unreachable or Refused."""
        self._inbox, self._found = queue.Queue(WAITING), deque(maxlen=1000)
        topics = broker.topics
        link = Connection(broker, self._received(topics, self._inbox), self._wake.set)
        link.open(will=topics.availability)
        mirror = Mirror(link)
        try:
            self._report_connected(broker)
            self._begin(link, mirror)
            self._serve(link, mirror, broker)
        finally:
            link.close(will=topics.availability if mirror.published else "")

    def _begin(self, link: Connection, mirror: Mirror) -> None:
        """Listen, then publish everything, then find what is retained from before.

        In this order: a client that sees the panel online can send commands.
        """
        topics = link.broker.topics
        # As published, so that a command that is to be retained is known as one at once.
        link.subscribe(topics.command, as_published=True)
        # Not stored messages, whose age is unknown.
        link.subscribe(topics.sensor_sets, stored=False)
        link.subscribe(*topics.births)
        mirror.sync()
        filters = {*topics.retained}
        place, before = link.broker.place, status.announced() or {}
        if all(before.get(name) == place[name] for name in ("host", "port")):
            filters |= {*Topics(before["base_topic"], before["discovery_prefix"]).retained}
        link.subscribe(*sorted(filters))
        status.remember(place)

    def _serve(self, link: Connection, mirror: Mirror, broker: Broker) -> None:
        """Publish what changes and take what arrives, until the settings change."""
        level = logging.ERROR
        while not self._stopping.is_set():
            if link.is_lost:
                raise Unreachable("The connection to the broker was lost.")
            try:
                self._take_arrivals(link, mirror)
                now = brokers.load()
                if now != broker:
                    if now.place != broker.place or not now.enabled:
                        mirror.clear()
                        status.remember(None)
                    return
                mirror.sync()
                mirror.tidy(self._drain_found())
                # An earlier leader that hung may have stored its end since then.
                self._report_connected(broker)
                level = logging.ERROR
            except (DatabaseError, InterfaceError) as error:
                logger.log(level, "MQTT waits for the database: %s", error)
                level = logging.DEBUG  # an outage is one line
            self._pause(LOOK_EVERY)

    def _take_arrivals(self, link: Connection, mirror: Mirror) -> None:
        topics = link.broker.topics
        while True:
            try:
                arrival = self._inbox.get_nowait()
            except queue.Empty:
                break
            topic, payload = arrival.message.topic, bytes(arrival.message.payload)
            if topic in topics.births:
                if payload == ONLINE.encode():
                    mirror.forget()  # Home Assistant has started and knows nothing
                continue
            try:
                if time.monotonic() - arrival.at > LATE:
                    raise Ignored("a message that waited too long.")
                if topic == topics.command:
                    self._take_command(link, arrival)
                elif (sensor_id := topics.sensor_of(topic)) is not None:
                    reports.take(sensor_id, payload)
            except Ignored as reason:
                self._recorder.note(str(reason))
        if self._dropped:
            self._recorder.note(f"{self._dropped} messages that arrived too fast.")
            self._dropped = 0

    def _take_command(self, link: Connection, arrival: Arrival) -> None:
        """Carry out a command; one that is retained is removed from the broker instead."""
        message = arrival.message
        if message.retain:
            if message.payload:
                link.publish(message.topic, "")
                raise Ignored("a command with the retain flag; the broker's copy is removed.")
            return  # another client removed one
        self._commands.take(bytes(message.payload), arrival.at, is_again=message.dup)

    # --- Small parts ----------------------------------------------------------------------------

    def _received(
        self, topics: Topics, inbox: queue.Queue[Arrival]
    ) -> Callable[[paho.MQTTMessage], None]:
        """Return what paho's thread calls with each message: it only hands it on."""
        handled = {*topics.births, topics.command}

        def received(message: paho.MQTTMessage) -> None:
            try:
                topic = message.topic
            except UnicodeDecodeError:
                return  # not one of our topics
            if topic in handled or topics.sensor_of(topic) is not None:
                try:
                    inbox.put_nowait(Arrival(message, time.monotonic()))
                except queue.Full:
                    self._dropped += 1
            elif message.payload and not topics.is_report(topic):
                self._found.append((topic, bytes(message.payload)))
            self._wake.set()

        return received

    def _drain_found(self) -> set[tuple[str, bytes]]:
        """Return our retained messages that the broker has sent, each once."""
        found = set()
        while self._found:
            found.add(self._found.popleft())
        return found

    def _store_end(self) -> None:
        """Store that there is no connection; the next leading worker stores when there is one."""
        try:
            if status.current().state != status.OFF:
                self._report(status.UNREACHABLE, "The panel's worker has stopped.")
        except (DatabaseError, InterfaceError) as error:
            logger.info("The end of MQTT is not stored: %s", error)
        finally:
            connection.close()

    def _report_connected(self, broker: Broker) -> None:
        self._report(status.CONNECTED, f"Connected to {broker.host}:{broker.port}.")

    def _report(self, state: str, detail: str = "") -> None:
        if status.put(state, detail):
            level = logging.WARNING if state in status.TROUBLE else logging.INFO
            logger.log(level, "MQTT is %s. %s", state, detail)

    def _pause(self, seconds: float) -> None:
        """Wait until something wakes this thread, without a connection to the database."""
        connection.close()
        self._wake.wait(seconds)
        self._wake.clear()
