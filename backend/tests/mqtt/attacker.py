"""A client at the port of the broker that other machines reach, and what the broker answers."""

import threading

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.conftest import until
from tests.mqtt import tools

NOT_AUTHORIZED = "Not authorized"


class Client:
    """Connects once, with a login; `answers` are the broker's words."""

    def __init__(self, username: str, password: str, client_id: str = "", will: str = "") -> None:
        self.received: list[tuple[str, str]] = []
        self.is_connected = False
        self.answer = ""
        self._answers: dict[int, str] = {}
        self._changed = threading.Condition()
        self._client = client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            protocol=paho.MQTTv5,
            reconnect_on_failure=False,
        )
        client.username_pw_set(username, password)
        if will:
            client.will_set(will, "ON", qos=1)
        client.on_connect = lambda c, d, f, reason, p: self._connected(str(reason))
        client.on_disconnect = lambda *_: self._ended()
        client.on_subscribe = lambda c, d, mid, reasons, p: self._keep(mid, str(reasons[0]))
        client.on_publish = lambda c, d, mid, reason, p: self._keep(mid, str(reason))
        client.on_message = lambda c, d, message: self.received.append(
            (message.topic, message.payload.decode(errors="replace"))
        )
        lasting = Properties(PacketTypes.CONNECT)
        lasting.SessionExpiryInterval = 60
        client.connect(tools.HOST, tools.PUBLISHED, clean_start=False, properties=lasting)
        client.loop_start()
        until(lambda: self.answer, what="the broker's answer to a login")

    def _connected(self, answer: str) -> None:
        self.is_connected = answer == "Success"
        self.answer = answer

    def _ended(self) -> None:
        self.is_connected = False
        with self._changed:
            self._changed.notify_all()

    def _keep(self, mid: int, answer: str) -> None:
        with self._changed:
            self._answers[mid] = answer
            self._changed.notify_all()

    def _wait(self, mid: int | None) -> str:
        with self._changed:
            self._changed.wait_for(lambda: mid in self._answers or not self.is_connected, 30)
            return self._answers.get(mid or 0, "the connection ended")

    def subscribe(self, topic: str) -> str:
        return self._wait(self._client.subscribe(topic, qos=1)[1])

    def publish(self, topic: str, payload: str, retain: bool = False) -> str:
        return self._wait(self._client.publish(topic, payload, qos=1, retain=retain).mid)

    def vanish(self) -> None:
        """End without a farewell, as at a power cut, so that the broker publishes the will."""
        wire = self._client.socket()
        assert wire
        wire.close()
        self._client.loop_stop()

    def leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def login(username: str, password: str, **options: str) -> Client:
    """Log in as soon as the broker accepts it."""
    clients = []

    def accepted() -> Client | None:
        clients.append(Client(username, password, **options))
        return clients[-1] if clients[-1].is_connected else None

    return until(accepted, what=f"a login of {username}")
