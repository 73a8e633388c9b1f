"""What the addresses of the MQTT integration take and answer."""

from django.conf import settings
from rest_framework import serializers

from config.serializers import MomentField, Serializer
from integrations.models import MqttSettings
from integrations.mqtt import environment, passwords, status
from integrations.mqtt.broker import FIELDS, Broker, leads_elsewhere

TOPIC_RULE = "Only letters, digits, _ and -, with / in between."


class TopicField(serializers.RegexField):
    """A topic that others begin with."""

    def __init__(self, **options) -> None:
        super().__init__(
            rf"\A{environment.TOPIC.pattern}\Z",
            max_length=environment.LONGEST_TOPIC,
            error_messages={"invalid": TOPIC_RULE},
            **options,
        )


class SettingsRequest(Serializer):
    """The body of `PATCH /api/integrations/mqtt/`, and of its test; every field may be left out.

    A new host or port, or an end of TLS, forgets the stored password: give it again.
    """

    enabled = serializers.BooleanField(required=False)
    host = serializers.RegexField(
        rf"\A(?:{environment.HOST.pattern})\Z",
        max_length=environment.LONGEST_HOST,
        error_messages={"invalid": "This is neither a host name nor an IP address."},
        required=False,
    )
    port = serializers.IntegerField(min_value=1, max_value=65535, required=False)
    tls = serializers.BooleanField(required=False)
    username = serializers.CharField(
        max_length=environment.LONGEST_TEXT, allow_blank=True, required=False
    )
    password = serializers.CharField(
        max_length=environment.LONGEST_TEXT,
        allow_blank=True,
        trim_whitespace=False,
        write_only=True,
        required=False,
    )
    base_topic = TopicField(required=False)
    discovery_prefix = TopicField(required=False)

    def validate(self, attrs: dict) -> dict:
        """Refuse to change what the environment has fixed."""
        fixed = settings.MQTT_OVERRIDES
        faults = {
            name: f"This is fixed by the variable MQTT_{name.upper()}."
            for name, value in attrs.items()
            if name in fixed and value != fixed[name]
        }
        if faults:
            raise serializers.ValidationError(faults)
        return {name: value for name, value in attrs.items() if name not in fixed}


class StatusBody(serializers.Serializer):
    """How the connection is doing."""

    state = serializers.ChoiceField(choices=status.STATES)
    detail = serializers.CharField(allow_blank=True)
    since = MomentField()


class SettingsBody(serializers.Serializer):
    """What is in force; never the password."""

    enabled = serializers.BooleanField()
    host = serializers.CharField()
    port = serializers.IntegerField()
    tls = serializers.BooleanField()
    username = serializers.CharField(allow_blank=True)
    has_password = serializers.BooleanField()
    base_topic = serializers.CharField()
    discovery_prefix = serializers.CharField()
    from_environment = serializers.ListField(child=serializers.ChoiceField(choices=FIELDS))
    status = StatusBody()


class TestBody(serializers.Serializer):
    """Whether the broker took the connection, and if not, why."""

    ok = serializers.BooleanField()
    detail = serializers.CharField()


def body(broker: Broker) -> dict:
    """Return the settings as the API gives them."""
    shown = {name: getattr(broker, name) for name in FIELDS if name != "password"}
    return {
        **shown,
        "has_password": bool(broker.password),
        "from_environment": [name for name in FIELDS if name in settings.MQTT_OVERRIDES],
        "status": status.current(),
    }


def store(row: MqttSettings, changes: dict) -> None:
    """Store checked changes; a password encrypted, and forgotten where the broker is another."""
    if leads_elsewhere(row, changes):
        row.password = ""
    for name, value in changes.items():
        setattr(row, name, passwords.encrypt(value) if name == "password" else value)
    row.save()
