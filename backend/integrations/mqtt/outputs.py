"""Outputs over MQTT: their commands and reports, and Home Assistant's `siren` and `switch` of each.

Home Assistant switches through the panel, not at the output: it cannot silence an alarm. What it
shows is what the output has reported, also for a webhook.
"""

import json
import re
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import paho.mqtt.client as paho
from rest_framework import serializers

from core.serializers import Serializer
from integrations.mqtt import discovery, worker
from integrations.mqtt.connection import Connection
from integrations.mqtt.extension import Arrival, Extension, Subscription
from integrations.mqtt.ignored import MQTT, Ignored
from integrations.mqtt.topics import Topics
from outputs import management, reports
from outputs.mailbox import mailbox
from outputs.models import Command, Output, Tone
from outputs.serializers import LONGEST_CUT_OFF, choices

LARGEST = 1024  # bytes
LATE = 10.0  # seconds; a command that waited longer is ignored
# Of one output, in so many seconds; later ones replace each other. A loss of contact is an event.
MOST, WINDOW = {"state": 20, "availability": 2}, 10.0
REMEMBERED = 1000  # topics of outputs, be there such or not
ENTITIES = ("siren", "switch")
WORDS = {"ON": Command.ON, "OFF": Command.OFF}
CONTACT = {b"online": True, b"offline": False}


class Place(NamedTuple):
    """Which output a topic belongs to, and what is sent there."""

    output_id: int
    use: str


def place(topics: Topics, name: str) -> Place | None:
    """Return what a topic is, if it is one of an output that others publish."""
    own = re.escape(topics.base)
    uses = "state|availability|command"
    found = re.fullmatch(rf"{own}/output/([0-9]{{1,18}})/({uses})", name, re.ASCII)
    return Place(int(found[1]), found[2]) if found else None


class StateSerializer(Serializer):
    """What an output reports, and what Home Assistant sends."""

    state = serializers.ChoiceField(choices=list(WORDS))
    tone = serializers.ChoiceField(choices=choices(Tone), required=False)
    duration = serializers.IntegerField(min_value=1, max_value=LONGEST_CUT_OFF, required=False)


def parse(payload: bytes) -> dict[str, Any]:
    """Return `state`, and if given `tone` and `duration` (seconds); or raise Ignored."""
    if payload in (b"ON", b"OFF"):
        return {"state": WORDS[payload.decode()]}
    if len(payload) > LARGEST:
        raise Ignored(f"a message of an output of more than {LARGEST} bytes.")
    try:
        serializer = StateSerializer(data=json.loads(payload))
    except (ValueError, RecursionError) as error:
        raise Ignored("a message of an output that is neither ON, OFF nor JSON.") from error
    if not serializer.is_valid():
        raise Ignored('a message of an output that is not like {"state": "ON"}.')
    found = dict(serializer.validated_data)
    return found | {"state": WORDS[found["state"]]}


def has_contact(payload: bytes) -> bool:
    """Return what an output's availability topic says; or raise Ignored."""
    try:
        return CONTACT[payload]
    except KeyError as error:
        raise Ignored("an output's availability that is neither online nor offline.") from error


def entity(topics: Topics, output: Output, kind: str) -> dict[str, Any]:
    """Return the configuration of Home Assistant's siren or switch.

    https://www.home-assistant.io/integrations/siren.mqtt/ and
    https://www.home-assistant.io/integrations/switch.mqtt/
    """
    config: dict[str, Any] = {
        "name": output.name,
        "unique_id": f"{topics.node}_output_{output.pk}_{kind}",
        "state_topic": topics.output(output.pk, "reported"),
        "command_topic": topics.output(output.pk, "command"),
        "optimistic": False,
        "qos": 1,
        **discovery.common(topics),
    }
    if kind == "siren":
        config |= {"available_tones": output.tones, "support_duration": True}
        config |= {"support_volume_set": False}
    return config


class Outputs(Extension):
    """The driver's hands and ears at the broker."""

    def __init__(self, wake: Callable[[], None] = worker.wake) -> None:
        self._wake = wake
        self._link: Connection | None = None
        self._heard: dict[Place, deque[float]] = {}
        self._waiting: dict[Place, Callable[[], None]] = {}  # of outputs that report too often

    def retained(self, topics: Topics) -> dict[str, str]:
        outputs = list(Output.objects.filter(enabled=True))
        configs = {
            f"{topics.prefix}/{kind}/{topics.node}/output_{output.pk}/config": json.dumps(
                entity(topics, output, kind)
            )
            for output in outputs
            for kind in ENTITIES
        }
        states = {
            topics.output(output.pk, "reported"): output.reported.upper()
            for output in outputs
            if output.reported in (Command.ON, Command.OFF)
        }
        return configs | states

    def retained_filters(self, topics: Topics) -> tuple[str, ...]:
        configs = (f"{topics.prefix}/{kind}/{topics.node}/+/config" for kind in ENTITIES)
        return (*configs, topics.output("+", "reported"))

    def subscriptions(self, topics: Topics) -> frozenset[Subscription]:
        heard = (Subscription(topics.output("+", use), qos=1) for use in MOST)
        return frozenset({*heard, Subscription(topics.output("+", "command"), stored=False)})

    def wants(self, topics: Topics, message: paho.MQTTMessage) -> bool:
        return place(topics, message.topic) is not None

    def take(self, link: Connection, arrival: Arrival) -> None:
        message = arrival.message
        found = place(link.broker.topics, message.topic)
        if found is None or (message.retain and not message.payload):
            return  # another client removed what was retained
        payload = bytes(message.payload)
        if found.use == "availability":
            online = has_contact(payload)
            self._take(found, partial(reports.take_contact, found.output_id, is_online=online))
            return
        content = parse(payload)
        if found.use == "state":
            take = partial(reports.take, found.output_id, content["state"])
            self._take(found, partial(take, is_stored=message.retain))
        elif message.retain or arrival.is_old or time.monotonic() - arrival.at > LATE:
            raise Ignored(f"output {found.output_id}: a command that waited too long.")
        else:
            switch(found.output_id, **content)

    def step(self, link: Connection) -> None:
        if link is not self._link:
            self._link = link
            # After the reports that have waited for the connection: they may confirm commands.
            mailbox.open(lambda: self._link is link and not link.is_lost, self._wake)
        for found in list(self._waiting):
            self._take_waiting(found)
        for letter in mailbox.collect():
            link.publish(
                link.broker.topics.output(letter.output_id, "set"),
                json.dumps(letter.message),
                retain=False,
                seconds=letter.seconds,
            )

    def _take(self, found: Place, report: Callable[[], None]) -> None:
        self._waiting[found] = report
        self._take_waiting(found)

    def _take_waiting(self, found: Place) -> None:
        """Take the newest report of a topic, unless there were too many shortly before."""
        now = time.monotonic()
        if len(self._heard) > REMEMBERED:
            self._heard.clear()  # a client invents outputs
        heard = self._heard.setdefault(found, deque(maxlen=MOST[found.use]))
        if len(heard) == heard.maxlen and now - heard[0] < WINDOW:
            return  # `step` takes the newest one when it is time
        heard.append(now)
        self._waiting[found]()
        del self._waiting[found]


def switch(
    output_id: int, state: Command, tone: str | None = None, duration: int | None = None
) -> None:
    """Carry out what Home Assistant sends, or raise Ignored."""
    try:
        management.switch(output_id, MQTT, state, tone, duration)
    except management.NotPossible as error:
        raise Ignored(f"output {output_id}: {error}") from error
