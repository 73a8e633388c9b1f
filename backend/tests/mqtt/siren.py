"""A siren at the real broker, as a device: it does what it is told, ends by itself, and reports."""

import json
import threading

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.conftest import until
from tests.mqtt import tools


class Siren:
    """`commands` are those that arrived, `soundings` how often it began to sound.

    It reports with QoS 1, and also if a command changes nothing. It tells that it is online; its
    last will tells that it is not.
    """

    def __init__(self, topics, output_id: int, login: tuple[str, str] | None = None) -> None:
        self.commands: list[dict] = []
        self.soundings = 0
        self.is_on = self.is_mute = False
        self._set = topics.output(output_id, "set")
        self._state = topics.output(output_id, "state")
        self._availability = topics.output(output_id, "availability")
        self._timer: threading.Timer | None = None
        self._ready = threading.Event()
        self._client = client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        client.username_pw_set(*(login or (tools.USERNAME, tools.PASSWORD)))
        client.will_set(self._availability, "offline", qos=1, retain=True)
        client.on_connect = self._subscribe
        client.on_subscribe = lambda *_: self._ready.set()
        client.on_message = lambda c, d, message: self._take(json.loads(message.payload))
        client.connect(tools.HOST, tools.PUBLISHED if login else tools.PORT)
        client.loop_start()
        assert self._ready.wait(20), "the broker of the tests does not answer"

    def _subscribe(self, *_: object) -> None:
        self._client.subscribe(self._set, qos=1)
        self._client.publish(self._availability, "online", qos=1, retain=True)

    def _take(self, command: dict) -> None:
        self.commands.append(command)
        if self._timer:
            self._timer.cancel()
        is_on = command["state"] == "ON"
        self.soundings += is_on and not self.is_on
        self.is_on = is_on
        if is_on:
            self._timer = threading.Timer(command["duration"], self.end)
            self._timer.daemon = True
            self._timer.start()
        self.report()

    def end(self) -> None:
        """Go off by itself."""
        self.is_on = False
        self.report()

    def report(self, retain: bool = False) -> None:
        if not self.is_mute:
            self._client.publish(self._state, "ON" if self.is_on else "OFF", qos=1, retain=retain)

    def states(self) -> list[str]:
        return [command["state"] for command in self.commands]

    def has(self, *states: str) -> None:
        """Wait until exactly these commands have arrived."""
        until(lambda: self.states() == list(states), what=f"{states}, not {self.states()}")

    def lose_power(self) -> None:
        """End the connection without a word, so that the broker publishes the last will."""
        self._client.loop_stop()
        wire = self._client.socket()
        assert wire
        wire.close()

    def leave(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._client.disconnect()
        self._client.loop_stop()
