"""How the broker is reached: the environment's word, else the database's."""

from dataclasses import asdict, dataclass, field

from django.conf import settings

from integrations.models import MqttSettings
from integrations.mqtt import passwords
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
)
PLACE = ("host", "port")
BUNDLED = "mqtt"  # the host name of the broker that comes with the stack (compose/base.yml)


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
    fault: str = ""
    """A sentence, where the settings cannot be used as they are."""

    @property
    def topics(self) -> Topics:
        """The topics that are used there."""
        return Topics(self.base_topic, self.discovery_prefix)

    @property
    def place(self) -> dict:
        """Where the retained topics are."""
        names = ("host", "port", "base_topic", "discovery_prefix")
        return {name: value for name, value in asdict(self).items() if name in names}


def load(changes: dict | None = None) -> Broker:
    """Return what is in force; `changes` are tried in the place of what is stored.

    The broker that comes with the stack has a password that this app is given, so that nobody needs
    to type it: it is used where no other is set.
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


def leads_elsewhere(row: MqttSettings, changes: dict) -> bool:
    """Whether the stored password would be sent to whom it was not given for.

    Else an admin who does not know it could have it sent to a machine of their own.
    """
    if "password" in changes:
        return False
    is_moved = any(changes.get(name, getattr(row, name)) != getattr(row, name) for name in PLACE)
    return is_moved or (row.tls and not changes.get("tls", row.tls))
