"""The accounts at the stack's own broker: the panel's, those of programs, and one of each device.

A program is Home Assistant or Zigbee2MQTT, a device is a sensor or an output.

The broker has only hashes of the passwords, and may lose them. So the database has the passwords,
encrypted: with them, the accounts can be made again.
"""

import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from alarm.models import Sensor
from integrations.models import MqttAccount
from integrations.mqtt import broker as brokers
from integrations.mqtt import entities, passwords
from integrations.mqtt.topics import OF_DEVICE, PANEL, Topics
from outputs.models import Output

HOME_ASSISTANT, ZIGBEE2MQTT = "homeassistant", "zigbee2mqtt"
ZIGBEE_BASE = "zigbee2mqtt"  # the first value of its setting `base_topic`
# What it is asked to do: https://www.zigbee2mqtt.io/guide/usage/mqtt_topics_and_messages.html
ZIGBEE_ASKED = ("+/set", "+/get", "+/+/set", "+/+/get", "bridge/request/#")
DEVICE = re.compile(r"(sensor|output)-[0-9]+")
OWN_ROLE = "panel"

PUBLISH, RECEIVE, SUBSCRIBE = "publishClientSend", "publishClientReceive", "subscribePattern"
DEFAULTS = {PUBLISH: False, RECEIVE: False, "subscribe": False, "unsubscribe": True}


class Access(NamedTuple):
    """What is allowed with a topic, or denied, which goes first; in the broker's words."""

    kind: str
    topic: str
    allow: bool = True


OWN_ACCESS = tuple(
    Access(kind, topic)
    for kind in (PUBLISH, RECEIVE, SUBSCRIBE)
    for topic in ("#", "$CONTROL/dynamic-security/#", "$SYS/#")
)
"""The panel's, which the broker's first account does not have completely."""


@dataclass(frozen=True)
class Account:
    """An account as it has to be at the broker. The password is in no repr."""

    username: str
    password: str = field(repr=False)
    access: tuple[Access, ...]

    @staticmethod
    def is_ours(username: str) -> bool:
        """Whether an account of this name is the panel's to remove."""
        return username in (HOME_ASSISTANT, ZIGBEE2MQTT) or DEVICE.fullmatch(username) is not None

    @property
    def mark(self) -> str:
        """A mark of the password and the access, from which the password cannot be found.

        The passwords are random and long.
        """
        return hashlib.sha256(repr((self.password, self.access)).encode()).hexdigest()[:32]


def wanted(topics: Topics) -> Iterator[Account]:
    """Yield each account; without the password where another SECRET_KEY has encrypted it."""
    rows = MqttAccount.objects.order_by("username")
    has_zigbee = any(row.username == ZIGBEE2MQTT for row in rows)
    for row in rows:
        try:
            password = passwords.decrypt(row.password)
        except passwords.Unreadable:
            password = ""
        yield Account(row.username, password, _access(topics, row.username, has_zigbee))


def _access(topics: Topics, username: str, has_zigbee: bool) -> tuple[Access, ...]:
    kind, _, number = username.partition("-")
    match kind:
        case "sensor":
            return of_sensor(topics, int(number))
        case "output":
            return of_output(topics, int(number))
        case "zigbee2mqtt":
            return of_zigbee2mqtt(topics)
    return of_home_assistant(topics, has_zigbee=has_zigbee)


def of_sensor(topics: Topics, sensor_id: int) -> tuple[Access, ...]:
    """A sensor reports for itself, and reads nothing."""
    return (Access(PUBLISH, topics.sensor_set(sensor_id)),)


def of_output(topics: Topics, output_id: int) -> tuple[Access, ...]:
    """An output reads its commands, and reports for itself."""
    own = topics.output(output_id, "set")
    reports = (topics.output(output_id, use) for use in ("state", "availability"))
    published = (Access(PUBLISH, topic) for topic in reports)
    return (*published, Access(RECEIVE, own), Access(SUBSCRIBE, own))


def of_zigbee2mqtt(topics: Topics) -> tuple[Access, ...]:
    """Zigbee2MQTT has its own topics, and announces its devices to Home Assistant.

    It cannot announce an alarm panel, to which Home Assistant would send the PIN, nor change or
    remove what this panel announces.
    """
    own = f"{ZIGBEE_BASE}/#"
    of_panels = (f"{PANEL}/#", f"{OF_DEVICE}/#", f"+/{topics.node}/#")
    denied = (f"{topics.prefix}/{topic}" for topic in of_panels)
    readable = (own, f"{topics.prefix}/#", *topics.births)
    return (
        *(Access(PUBLISH, topic, allow=False) for topic in denied),
        *(Access(PUBLISH, topic) for topic in (own, f"{topics.prefix}/+/+/+/config")),
        *(Access(kind, topic) for topic in readable for kind in (RECEIVE, SUBSCRIBE)),
    )


def of_home_assistant(topics: Topics, *, has_zigbee: bool = False) -> tuple[Access, ...]:
    """Home Assistant sends commands and its birth, and reads what the panel publishes for it.

    Where Zigbee2MQTT has an account, Home Assistant uses its devices, but reports for none.
    """
    zigbee = (f"{ZIGBEE_BASE}/#",) if has_zigbee else ()
    asked = tuple(f"{ZIGBEE_BASE}/{topic}" for topic in ZIGBEE_ASKED) if has_zigbee else ()
    readable = (
        *(topics.state, topics.attributes, topics.availability, topics.sensor_states),
        *(topics.trouble, topics.memory, topics.event, topics.output("+", "reported")),
        *(f"{topics.prefix}/#", *topics.births, *zigbee),
    )
    return (
        *(Access(PUBLISH, topic) for topic in (topics.command, *topics.births, *asked)),
        *(Access(PUBLISH, topics.button(name)) for name in entities.BUTTONS),
        Access(PUBLISH, topics.output("+", "command")),
        *(Access(kind, topic) for topic in readable for kind in (RECEIVE, SUBSCRIBE)),
    )


def renew(username: str) -> str:
    """Give a program a new password and return it; the old one ends."""
    return _store(username, secrets.token_urlsafe(32))


def follow_token(sensor: Sensor, **_: Any) -> None:
    """Give a sensor with a new token an account that has it as password, and set `sensor.mqtt`.

    Where the stack's broker is not used, no secret is stored, and an earlier account ends.
    """
    broker = brokers.load()
    if broker.enabled and broker.is_bundled:
        username = f"sensor-{sensor.pk}"
        _store(username, sensor.token, sensor_id=sensor.pk)
        sensor.mqtt = {"username": username, "topic": broker.topics.sensor_set(sensor.pk)}
    else:
        MqttAccount.objects.filter(sensor=sensor).delete()


def follow_output(output: Output, **_: Any) -> None:
    """Give an output with a new password an account that has it, and set `output.mqtt`.

    Where the stack's broker is not used, no secret is stored, and an earlier account ends.
    """
    broker = brokers.load()
    uses = ("set", "state", "availability")
    output.mqtt = {f"{use}_topic": broker.topics.output(output.pk, use) for use in uses}
    if broker.enabled and broker.is_bundled:
        username = f"output-{output.pk}"
        _store(username, output.password)
        output.mqtt |= {"username": username, "password": output.password}
    else:
        forget_output(output.pk)
        output.mqtt |= {"username": None, "password": None}


def forget_output(output_id: int, **_: Any) -> None:
    """End the account of an output."""
    MqttAccount.objects.filter(username=f"output-{output_id}").delete()


def _store(username: str, password: str, **fields: int) -> str:
    stored = {"password": passwords.encrypt(password), **fields}
    MqttAccount.objects.update_or_create(username=username, defaults=stored)
    return password
