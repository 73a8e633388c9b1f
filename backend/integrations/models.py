"""The models of the MQTT broker's settings, of its accounts and of the connection's state."""

from django.db import models
from django.utils import timezone

from alarm.models import SINGLETON_ID, Sensor, SingletonModel


class MqttSettings(SingletonModel):
    """The settings of an admin. The environment overrides them: read `integrations.mqtt.broker`.

    `password` is encrypted (integrations/mqtt/passwords.py) and empty where there is none.
    """

    enabled = models.BooleanField(default=False)
    host = models.CharField(max_length=253, default="mqtt")
    port = models.PositiveIntegerField(default=1883)
    tls = models.BooleanField(default=False)
    username = models.CharField(max_length=128, default="alarm", blank=True)
    password = models.TextField(default="", blank=True)
    base_topic = models.CharField(max_length=64, default="alarm_panel")
    discovery_prefix = models.CharField(max_length=64, default="homeassistant")
    arm_without_code = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @classmethod
    def load(cls) -> "MqttSettings":
        """Return the settings, with their first values where none are stored yet."""
        return cls.objects.get_or_create(pk=SINGLETON_ID)[0]


class MqttStatus(SingletonModel):
    """The state of the connection, written by the leading worker.

    `announced` says where the retained topics of the last connection are, so that a later one
    clears those that it does not use: `{"host", "port", "base_topic", "discovery_prefix"}`.
    """

    state = models.CharField(max_length=16, default="off")
    detail = models.CharField(max_length=300, default="", blank=True)
    since = models.DateTimeField(default=timezone.now)
    announced = models.JSONField(null=True)

    def __str__(self) -> str:
        return self.state


class MqttAccount(models.Model):
    """An account at the stack's own broker, so that it can be made there again.

    `password` is encrypted like that of MqttSettings. A sensor's is its token.
    """

    username = models.CharField(max_length=64, primary_key=True)
    sensor = models.OneToOneField(Sensor, models.CASCADE, null=True)
    password = models.TextField()

    def __str__(self) -> str:
        return self.username


class DiscoveredSensor(models.Model):
    """A sensor that another program announces at the broker, as long as it does.

    `key` is the topic of its discovery message; a part of a device has its name after a #. `data`
    is a `Candidate` (integrations/mqtt/candidates.py).
    """

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=300, unique=True)
    data = models.JSONField()

    def __str__(self) -> str:
        return self.key


class ImportedSensor(models.Model):
    """Where a sensor is reported that was imported from another program.

    `source` has its `state`, `battery` and `tamper`, each a `Reading` (integrations/mqtt/values.py)
    or None, and its `availability`, a list of them, with the `availability_mode`.
    """

    sensor = models.OneToOneField(Sensor, models.CASCADE, primary_key=True)
    key = models.CharField(max_length=300, unique=True)  # of what it was discovered by
    source = models.JSONField()
    is_offline = models.BooleanField(default=False)  # its source cannot reach it
    is_gone = models.BooleanField(default=False)  # its source does not announce it any more

    def __str__(self) -> str:
        return self.key
