"""One connection to a broker, over MQTT 5; every step of it is bounded in time.

Version 5 is needed for commands: only there a message delivered at once keeps its retain flag. A
retained command must not be carried out again at the next connection. It is needed for access
rules, too: only there the broker says what it refuses.
"""

import logging
import secrets
import socket
import ssl
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho
from django.conf import settings
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from integrations.mqtt.broker import Broker

logger = logging.getLogger(__name__)

CONNECT_LIMIT = 5.0  # seconds for the socket, and again for TLS
ANSWER_LIMIT = 10.0  # seconds until the broker has answered
CLOSE_LIMIT = 2.0  # seconds
KEEPALIVE = 15  # seconds; a broker that vanished is noticed within twice as many
LARGEST_PACKET = 64 * 1024  # bytes; the broker keeps back what is larger
UNACKNOWLEDGED = 100  # messages of QoS 1; the broker keeps further ones until these are taken
SESSION_LIMIT = 3600  # seconds for which the broker keeps messages for a panel that is away
REMEMBERED = 4096  # publications whose refusal may still arrive

ONLINE, OFFLINE = "online", "offline"

# Reason codes of MQTT 5 that stay the same until a setting changes.
REFUSALS = {
    0x84: "The broker does not speak MQTT 5.",
    0x85: "The broker refuses the client's identifier.",
    0x86: "The broker refuses the user name or the password.",
    0x87: "The broker refuses the user name or the password.",  # Mosquitto's "not authorized"
    0x8A: "The broker has banned this client.",
    0x8C: "The broker requires another way to log in.",
}


class Unreachable(Exception):
    """There is no connection; the text is a sentence for people."""


class Refused(Exception):
    """No connection is possible until a setting changes; the text is a sentence for people."""


class Connection:
    """Made, opened, used and closed once. `received` and `lost` are called in paho's thread.

    With `is_lasting`, the broker keeps the session: what is published with QoS 1 to subscriptions
    of QoS 1 while there is no connection arrives at the next one.
    """

    def __init__(
        self,
        broker: Broker,
        received: Callable[[paho.MQTTMessage], None] = lambda message: None,
        lost: Callable[[], None] = lambda: None,
        *,
        is_lasting: bool = False,
    ) -> None:
        self.broker = broker
        self.is_lasting = is_lasting
        self._has_ended = False
        self._paho: threading.Thread | None = None
        self._answered, self._ended = threading.Event(), threading.Event()
        self._reason: ReasonCode | None = None
        self._lost = lost
        self._granted: dict[int, list[ReasonCode]] = {}
        self._has_granted = threading.Condition()
        self._sent: OrderedDict[int, str] = OrderedDict()
        self._failed: deque[int] = deque(maxlen=REMEMBERED)
        self._refused: dict[str, None] = {}
        self._client = client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=broker.session if is_lasting else f"panel-{secrets.token_hex(8)}",
            protocol=paho.MQTTv5,
            reconnect_on_failure=False,  # the worker's task, with its own pauses
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_LIMIT
        if broker.username:
            client.username_pw_set(broker.username, broker.password or None)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = client.on_unsubscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = lambda client, userdata, message: received(message)

    @property
    def is_lost(self) -> bool:
        # A packet that paho cannot read ends its thread without any callback.
        return self._has_ended or self._paho is None or not self._paho.is_alive()

    def open(self, will: str = "") -> None:
        """Connect, or raise Unreachable or Refused; `will` is the topic of its last will.

        All steps are limited in time, except the lookup of the host's name.
        """
        limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # has no types
        limits.MaximumPacketSize = LARGEST_PACKET
        limits.ReceiveMaximum = UNACKNOWLEDGED
        if self.is_lasting:
            limits.SessionExpiryInterval = SESSION_LIMIT
        if will:
            self._client.will_set(will, OFFLINE, qos=1, retain=True)
        place = f"{self.broker.host}:{self.broker.port}"
        try:
            if self.broker.tls:
                self._client.tls_set_context(ssl.create_default_context(cadata=settings.MQTT_CA))
            self._client.connect(
                self.broker.host,
                self.broker.port,
                keepalive=KEEPALIVE,
                clean_start=not self.is_lasting,
                properties=limits,
            )
        except (OSError, ValueError) as error:
            raise fault(error, self.broker) from error
        self._client.loop_start()
        if not self._answered.wait(ANSWER_LIMIT):
            self._client.disconnect()
            raise Unreachable(f"{place} does not answer in MQTT.")
        if self._reason is None:
            raise Unreachable(f"{place} ended the connection: is that an MQTT 5 broker?")
        if self._reason.is_failure:
            if sentence := REFUSALS.get(self._reason.value):
                raise Refused(sentence)
            raise Unreachable(f"The broker is not available: {self._reason}.")

    @property
    def refused(self) -> list[str]:
        """What the broker's access rules refuse, as words: "to read this/topic"."""
        while self._failed:
            topic = self._sent.pop(self._failed.popleft(), "a topic")
            self._refused[f"to write {topic}"] = None
        return list(self._refused)

    def subscribe(
        self, *topics: str, qos: int = 0, stored: bool = True, own: bool = False, **options: bool
    ) -> None:
        """Subscribe, and wait for the broker's answer. What it refuses is in `refused`.

        With `qos` 1, a lasting session keeps messages while there is no connection; each has to be
        acknowledged. With `stored`, retained messages are received. With `own`, what this
        connection or an earlier one of the session publishes is received, too. With
        `retainAsPublished`, the retain flag of a message is the publisher's; otherwise it marks
        stored messages.
        """
        handling = (
            SubscribeOptions.RETAIN_SEND_ON_SUBSCRIBE
            if stored
            else SubscribeOptions.RETAIN_DO_NOT_SEND
        )
        wish = SubscribeOptions(qos=qos, noLocal=not own, retainHandling=handling, **options)
        result, mid = self._client.subscribe([(topic, wish) for topic in topics])
        for topic, reason in zip(topics, self._answer_to(result, mid), strict=False):
            if reason.is_failure:
                self._refused[f"to read {topic}"] = None

    def unsubscribe(self, *topics: str) -> None:
        """End subscriptions, and wait for the broker's answer."""
        self._answer_to(*self._client.unsubscribe(list(topics)))
        for topic in topics:
            self._refused.pop(f"to read {topic}", None)

    def _answer_to(self, result: int, mid: int | None) -> list[ReasonCode]:
        """Wait for the answer to a packet with this identifier; raises Unreachable without one."""
        self._check(result)
        with self._has_granted:
            self._has_granted.wait_for(lambda: mid in self._granted or self.is_lost, ANSWER_LIMIT)
            granted = self._granted.pop(mid or 0, None)
        if granted is None:
            self._check(paho.MQTT_ERR_SUCCESS)
            raise Unreachable("The broker does not answer to a subscription.")
        return granted

    def listen(self, topic: str, received: Callable[[paho.MQTTMessage], None]) -> None:
        """Subscribe to a topic whose messages go to `received` alone."""
        self._client.message_callback_add(topic, lambda client, data, message: received(message))
        self.subscribe(topic)

    def acknowledge(self, message: paho.MQTTMessage) -> None:
        """Tell the broker that a message is taken, and need not be sent again."""
        self._client.ack(message.mid, message.qos)

    def publish(
        self, topic: str, payload: str, retain: bool = True, seconds: int = 0
    ) -> paho.MQTTMessageInfo:
        """Publish; with the retain flag an empty payload removes what was retained.

        With `seconds`, the broker drops the message for clients that are away for longer.
        """
        limits = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # has no types
        if seconds:
            limits.MessageExpiryInterval = seconds
        info = self._client.publish(topic, payload, qos=1, retain=retain, properties=limits)
        self._sent[info.mid] = topic
        if len(self._sent) > REMEMBERED:
            self._sent.popitem(last=False)
        self._check(info.rc)
        return info

    def wait_for(self, published: list[paho.MQTTMessageInfo]) -> None:
        """Wait shortly until the broker has these; raises Unreachable if it is lost before."""
        end = time.monotonic() + CLOSE_LIMIT
        try:
            for info in published:
                info.wait_for_publish(max(0.0, end - time.monotonic()))
        except RuntimeError as error:
            raise Unreachable("The connection to the broker was lost.") from error

    def close(self, will: str = "", forget: bool = False) -> None:
        """Publish what the will would, wait for it shortly, and end the connection.

        With `forget`, the broker ends the session, too.
        """
        if will and not self.is_lost:
            try:
                self.wait_for([self.publish(will, OFFLINE)])
            except Unreachable as error:
                logger.info("The broker could not be informed of the end: %s", error)
        end = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]  # has no types
        if forget:
            end.SessionExpiryInterval = 0
        self._client.disconnect(properties=end)
        # Where the broker does not answer, paho's thread ends with the keep-alive.
        self._ended.wait(CLOSE_LIMIT)

    def _check(self, result: int) -> None:
        if self.is_lost or result != paho.MQTT_ERR_SUCCESS:
            raise Unreachable("The connection to the broker was lost.")

    def _on_connect(
        self, client: paho.Client, data: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        self._reason = reason
        self._paho = threading.current_thread()
        self._answered.set()

    def _on_disconnect(
        self, client: paho.Client, data: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        self._has_ended = True
        self._answered.set()
        self._ended.set()
        with self._has_granted:
            self._has_granted.notify_all()
        self._lost()

    def _on_subscribe(
        self, client: paho.Client, data: Any, mid: int, reasons: list[ReasonCode], properties: Any
    ) -> None:
        with self._has_granted:
            self._granted[mid] = reasons
            self._has_granted.notify_all()

    def _on_publish(
        self, client: paho.Client, data: Any, mid: int, reason: ReasonCode, properties: Any
    ) -> None:
        # Without a lock: paho holds one of its own here. `refused` looks up the topic later.
        if reason.is_failure:
            self._failed.append(mid)


def fault(error: Exception, broker: Broker) -> Exception:
    """Return why there is no connection, in a sentence that holds no secret."""
    place = f"{broker.host}:{broker.port}"
    match error:
        case ssl.SSLCertVerificationError():
            return Refused(f"The broker's certificate is not trusted: {error.verify_message}.")
        case ssl.SSLError() | ConnectionResetError() if broker.tls:
            return Unreachable(f"{place} does not speak TLS.")
        case socket.gaierror():
            return Unreachable(f"The host {broker.host} is not known.")
        case UnicodeError() | ValueError():
            return Unreachable(f"The host {broker.host} is not a valid name.")
        case ConnectionRefusedError():
            return Unreachable(f"Nothing listens at {place}.")
        case TimeoutError():
            return Unreachable(f"{place} does not answer.")
        case _:
            reason = getattr(error, "strerror", None) or type(error).__name__
            return Unreachable(f"{place} cannot be reached: {reason}.")


def attempt(broker: Broker) -> str:
    """Connect once and disconnect; return "" or what is wrong, as a sentence."""
    connection = Connection(broker)
    try:
        connection.open()
    except (Unreachable, Refused) as error:
        return str(error)
    connection.close()
    return ""
