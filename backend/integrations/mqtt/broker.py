"""The settings of the broker: the environment's value of each field, else the database's."""

import hashlib
import hmac
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings

from integrations.models import MqttSettings, MqttStatus
from integrations.mqtt import passwords, status
from integrations.mqtt.topics import Topics

FIELDS = (
    "enabled",
    "host",
    "port",
    "tls",
    "username",
    "password",
    "base_topic",
    "discovery_prefix",
    "arm_without_code",
)
PLACE = ("host", "port")
BUNDLED = "mqtt"  # the host name of the stack's own broker (compose/base.yml)


@dataclass(frozen=True)
class Broker:
    """Where and how to connect. The password is in no repr."""

    enabled: bool
    host: str
    port: int
    tls: bool
    username: str
    password: str = field(repr=False)
    base_topic: str
    discovery_prefix: str
    arm_without_code: bool
    fault: str = ""
    """A sentence, where the settings cannot be used as they are."""

    @property
    def has_password(self) -> bool:
        return bool(self.password)

    @property
    def from_environment(self) -> list[str]:
        return [name for name in FIELDS if name in settings.MQTT_OVERRIDES]

    @property
    def is_bundled(self) -> bool:
        """Whether it is the stack's own broker, whose accounts the panel manages."""
        return self.host == BUNDLED

    @property
    def status(self) -> MqttStatus:
        return status.current()

    @property
    def topics(self) -> Topics:
        return Topics(self.base_topic, self.discovery_prefix)

    @property
    def session(self) -> str:
        """The name of the lasting session: the same after each start, and no other client's.

        It cannot be guessed, because a client that knew it could take the session over.
        """
        key = f"mqtt session {settings.SECRET_KEY}".encode()
        mark = hmac.new(key, self.base_topic.encode(), hashlib.sha256).hexdigest()[:24]
        return f"{self.topics.node[:48]}-{mark}"

    @property
    def place(self) -> dict[str, Any]:
        """Where the retained topics are."""
        names = ("host", "port", "base_topic", "discovery_prefix")
        return {name: value for name, value in asdict(self).items() if name in names}


def load(changes: dict[str, Any] | None = None) -> Broker:
    """Return the settings in force; `changes` replace stored values, for a test.

    The broker that comes with the stack has a password that this app knows from its environment. It
    is used if no other is set.
    """
    row = MqttSettings.load()
    stored = {name: getattr(row, name) for name in FIELDS if name != "password"}
    fault = ""
    try:
        stored["password"] = passwords.decrypt(row.password)
    except passwords.Unreadable as error:
        stored["password"], fault = "", str(error)
    changes = changes or {}
    if leads_elsewhere(row, changes):
        stored["password"] = ""
    merged = stored | changes | settings.MQTT_OVERRIDES
    if merged["password"]:
        fault = ""
    elif merged["host"] == BUNDLED and not fault:
        merged["password"] = settings.MQTT_BROKER_PASSWORD
    return Broker(**merged, fault=fault)


def leads_elsewhere(row: MqttSettings, changes: dict[str, Any]) -> bool:
    """Whether the stored password would be sent to another broker than it was entered for.

    An admin who does not know the password could otherwise have it sent to a machine of theirs.
    """
    if "password" in changes:
        return False
    is_moved = any(changes.get(name, getattr(row, name)) != getattr(row, name) for name in PLACE)
    return is_moved or (row.tls and not changes.get("tls", row.tls))


def store(row: MqttSettings, changes: dict[str, Any]) -> None:
    """Store validated changes: a password encrypted, and removed if the broker is another."""
    if leads_elsewhere(row, changes):
        row.password = ""
    for name, value in changes.items():
        setattr(row, name, passwords.encrypt(value) if name == "password" else value)
    row.save()
