"""The thread between the alarm and the broker: it connects, publishes, and carries out commands.

All work is done in this one thread, without locks. Two others only wake it: paho's, which hands
over messages, and the listener's, after a change.
"""

import logging
import random
import threading
import time
from collections.abc import Sequence

from django.db import DatabaseError, InterfaceError, connection

from alarm.changes import GROUP
from broadcast.listener import Listener
from integrations.mqtt import accounts, status
from integrations.mqtt import broker as brokers
from integrations.mqtt.broker import Broker
from integrations.mqtt.connection import Connection, Refused, Unreachable
from integrations.mqtt.dynamic_security import DynamicSecurity, Unmanaged
from integrations.mqtt.extension import Extension, Subscription
from integrations.mqtt.inbox import Inbox
from integrations.mqtt.intake import Intake
from integrations.mqtt.mirror import Mirror
from integrations.mqtt.topics import Topics

logger = logging.getLogger(__name__)

LOOK_EVERY = 5.0  # seconds; finds changes whose announcement was lost
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between attempts to connect
STEADY = 30.0  # seconds; a connection that lasted longer makes the next pause the first again
REFUSED_PAUSE = 300.0  # seconds; a broker may ban clients that try a wrong password too often


class Bridge(threading.Thread):
    """Runs until `stop`; a missing database or broker only delays it."""

    def __init__(self, extensions: Sequence[Extension] = ()) -> None:
        super().__init__(name="mqtt", daemon=True)
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._extensions = extensions
        self._intake = Intake(extensions)
        self._subscribed: frozenset[Subscription] = frozenset()
        self._trouble = ""  # why the stack's broker does not let its accounts be managed
        self._manage_from = 0.0  # by the monotonic clock

    def stop(self) -> None:
        """Ask it to end; `join` waits for that."""
        self._stopping.set()
        self._wake.set()

    def wake(self) -> None:
        """Let it look at once whether there is something to do."""
        self._wake.set()

    # --- The thread -----------------------------------------------------------------------------

    def run(self) -> None:
        """Follow the settings until `stop`, whatever fails."""
        listener = Listener("MQTT", GROUP, self._wake.set)
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
        topics = broker.topics
        inbox = Inbox(topics, self._wake.set, self._extensions)
        link = Connection(broker, inbox.receive, self._wake.set, is_lasting=True)
        link.open(will=topics.availability)
        mirror, security = Mirror(link, self._extensions), DynamicSecurity(link)
        is_over = False
        try:
            self._trouble, self._manage_from = "", 0.0
            if broker.is_bundled and self._claim(security):
                return  # and connect again
            self._begin(link, inbox, mirror)
            is_over = self._serve(link, inbox, mirror, security)
        finally:
            link.close(will=topics.availability if mirror.published else "", forget=is_over)

    def _claim(self, security: DynamicSecurity) -> bool:
        """Make the stack's broker the panel's; return whether that ends the connection."""
        try:
            return security.open()
        except Unmanaged as error:
            self._fail_to_manage(error, pause=float("inf"))
            return False

    def _begin(self, link: Connection, inbox: Inbox, mirror: Mirror) -> None:
        """Listen, then publish everything, then find what is retained from before.

        In this order: a client that sees the panel online can send commands.
        """
        topics = link.broker.topics
        # The broker keeps reports while the panel is away, and no commands: those would be late.
        link.subscribe(topics.sensor_sets, qos=1)
        # As published, so that a command that is to be retained is known as one at once.
        link.subscribe(topics.command, retainAsPublished=True)
        link.subscribe(*topics.births, stored=False)
        self._subscribed = frozenset()
        self._follow_extensions(link)
        inbox.is_open = True
        self._report_connected(link)
        mirror.sync()
        places = {topics}
        place, before = link.broker.place, status.announced() or {}
        if all(before.get(name) == place[name] for name in ("host", "port")):
            places.add(Topics(before["base_topic"], before["discovery_prefix"]))
        filters = {name for one in places for name in one.retained} | {
            name
            for one in places
            for extension in self._extensions
            for name in extension.retained_filters(one)
        }
        link.subscribe(*sorted(filters), own=True)
        status.remember(place)

    def _serve(
        self, link: Connection, inbox: Inbox, mirror: Mirror, security: DynamicSecurity
    ) -> bool:
        """Publish what changes and take what arrives, until the settings change.

        Return whether this place at the broker is left for good.
        """
        broker, level = link.broker, logging.ERROR
        while not self._stopping.is_set():
            if link.is_lost:
                raise Unreachable("The connection to the broker was lost.")
            try:
                self._intake.take(link, inbox, mirror)
                now = brokers.load()
                if now != broker:
                    if now.place != broker.place or not now.enabled:
                        mirror.clear()
                        status.remember(None)
                        return True
                    return False
                self._sync_accounts(broker, security)
                mirror.sync()
                mirror.tidy(inbox.drain_found())
                self._follow_extensions(link)
                for extension in self._extensions:
                    extension.step(link)
                # An earlier leader that hung may have stored its end since then.
                self._report_connected(link)
                level = logging.ERROR
            except (DatabaseError, InterfaceError) as error:
                logger.log(level, "MQTT waits for the database: %s", error)
                level = logging.DEBUG  # an outage is one line
            self._pause(LOOK_EVERY)
        return False

    def _follow_extensions(self, link: Connection) -> None:
        """Subscribe what the extensions want since the last look, and end what they do not."""
        topics = link.broker.topics
        wanted = frozenset[Subscription]().union(
            *(extension.subscriptions(topics) for extension in self._extensions)
        )
        kept = {one.filter for one in wanted}
        gone = sorted({one.filter for one in self._subscribed} - kept)
        for one in sorted(wanted - self._subscribed):
            link.subscribe(one.filter, qos=one.qos, stored=one.stored)
        if gone:
            link.unsubscribe(*gone)
        self._subscribed = wanted

    def _sync_accounts(self, broker: Broker, security: DynamicSecurity) -> None:
        """Keep the accounts of the stack's broker; after a failure not at once again."""
        if not broker.is_bundled or time.monotonic() < self._manage_from:
            return
        try:
            security.sync(accounts.wanted(broker.topics))
            self._trouble = ""
        except Unmanaged as error:
            self._fail_to_manage(error)

    def _fail_to_manage(self, error: Unmanaged, pause: float = LONGEST_PAUSE) -> None:
        # Each attempt may take ANSWER_LIMIT, in which commands wait.
        self._trouble, self._manage_from = str(error), time.monotonic() + pause

    # --- Small parts ----------------------------------------------------------------------------

    def _store_end(self) -> None:
        """Store that there is no connection; the next leading worker stores when there is one."""
        try:
            if status.current().state != status.OFF:
                self._report(status.UNREACHABLE, "The panel's worker has stopped.")
        except (DatabaseError, InterfaceError) as error:
            logger.info("The end of MQTT is not stored: %s", error)
        finally:
            connection.close()

    def _report_connected(self, link: Connection) -> None:
        place = f"{link.broker.host}:{link.broker.port}"
        refused, trouble = link.refused, self._trouble
        if refused:
            more = f" and {len(refused) - 2} more" if len(refused) > 2 else ""
            trouble = f"The broker refuses the panel {', '.join(refused[:2])}{more}."
        state = status.RESTRICTED if trouble else status.CONNECTED
        self._report(state, f"Connected to {place}. {trouble}".strip())

    def _report(self, state: str, detail: str = "") -> None:
        if status.put(state, detail):
            level = logging.WARNING if state in status.TROUBLE else logging.INFO
            logger.log(level, "MQTT is %s. %s", state, detail)

    def _pause(self, seconds: float) -> None:
        """Wait until something wakes this thread, without a connection to the database."""
        connection.close()
        self._wake.wait(seconds)
        self._wake.clear()
