"""Another client of the real broker, and a connection to it that can be cut.

The broker is given by MQTT_TEST_PORT, _PUBLISHED, _USERNAME, _PASSWORD and _CONTAINER
(tests/support/throwaway_broker.py).
"""

import contextlib
import json
import os
import socket
import ssl
import subprocess
import threading

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.subscribeoptions import SubscribeOptions

from integrations.models import MqttStatus
from integrations.mqtt import status
from tests.conftest import until

HOST = "127.0.0.1"
PORT = int(os.environ.get("MQTT_TEST_PORT", "0"))
PUBLISHED = int(os.environ.get("MQTT_TEST_PUBLISHED", "0"))
USERNAME = os.environ.get("MQTT_TEST_USERNAME", "")
PASSWORD = os.environ.get("MQTT_TEST_PASSWORD", "")
CONTAINER = os.environ.get("MQTT_TEST_CONTAINER", "")


class OtherClient:
    """Another client of the broker, such as Home Assistant."""

    def __init__(self, *filters: str) -> None:
        self.received: list[tuple[str, str]] = []
        self.retained: dict[str, str] = {}  # what a new client would receive
        self._filters, self._ready = filters, threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self._client.username_pw_set(USERNAME, PASSWORD)
        self._client.on_connect = self._subscribe
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(1, 1)
        self._client.connect(HOST, PORT)
        self._client.loop_start()
        assert self._ready.wait(20), "the broker of the tests does not answer"

    def _subscribe(self, *_) -> None:
        options = SubscribeOptions(qos=1, retainAsPublished=True)
        self._client.subscribe([(name, options) for name in self._filters])

    def _on_message(self, client, userdata, message) -> None:
        payload = message.payload.decode(errors="replace")
        self.received.append((message.topic, payload))
        if message.retain and payload:
            self.retained[message.topic] = payload
        elif message.retain:
            self.retained.pop(message.topic, None)

    def publish(self, topic: str, payload, retain: bool = False) -> None:
        """Publish a text, bytes or JSON, and wait until the broker has it."""
        if not isinstance(payload, str | bytes):
            payload = json.dumps(payload)
        info = self._client.publish(topic, payload, qos=1, retain=retain)
        info.wait_for_publish(20)

    def has(self, topic: str, payload: str | None):
        """Wait until this is what the broker retains; None: nothing."""
        until(lambda: self.retained.get(topic) == payload, what=f"{topic} = {payload}")

    def leave(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def newcomer(topics) -> dict[str, str]:
    """Return what a new client receives below these filters."""
    other_client = OtherClient(*topics)
    try:
        # Retained messages are sent before the answer to a later message.
        mark = topics[0].replace("#", "mark")
        other_client.publish(mark, "here")
        until(lambda: (mark, "here") in other_client.received, what="the mark")
        return other_client.retained
    finally:
        other_client.leave()


def docker(*arguments: str, after: tuple[str, ...] = ()) -> None:
    """Do something to the broker's container; `after` is what follows its name."""
    command = ["docker", *arguments, CONTAINER, *after]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def control(*arguments: str) -> None:
    """Change the broker's accounts as an operator does."""
    login = ("-u", USERNAME, "-P", PASSWORD)
    docker("exec", after=("mosquitto_ctrl", *login, "dynsec", *arguments))


@contextlib.contextmanager
def broker_is_dead():
    """Kill the broker like a power cut, and start it again."""
    docker("kill")
    try:
        yield
    finally:
        docker("start")

        def answers() -> bool:
            with contextlib.suppress(OSError), socket.create_connection((HOST, PORT), 1) as probe:
                probe.settimeout(2)
                # docker's proxy accepts before the broker does: ask in MQTT.
                probe.sendall(bytes([0x10, 0x0C, 0, 4, *b"MQTT", 4, 2, 0, 5, 0, 0]))
                return bool(probe.recv(4))
            return False

        until(answers, what="the broker to be back")


class Wire:
    """A port that forwards to the broker until it is cut or silent; with a context, over TLS."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self._listening = socket.create_server((HOST, 0))
        self.port = self._listening.getsockname()[1]
        self.is_dead = False  # accepts everything and forwards nothing
        self._context = context
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._context:
                near = self._context.wrap_socket(near, server_side=True)
            far = socket.create_connection((HOST, PORT), 10)
            self._open += [near, far]
            other = threading.Thread(target=self._carry, args=(far, near), daemon=True)
            other.start()
            self._carry(near, far)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not self.is_dead:
                    target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Cut the open connections; clients may connect again."""
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def close(self) -> None:
        self._listening.close()
        self.cut()


def is_status(state: str) -> MqttStatus:
    """Wait for a state of the connection and return the status."""

    def reached():
        found = status.current()
        return found if found.state == state else None

    return until(reached, what=f"the status {state}")
