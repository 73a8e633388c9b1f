"""The JSON of the MQTT integration's API."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from alarm.sensor_types import Kind
from alarm.serializers import LARGEST_ID, MOST_SENSORS, choices
from core import faults
from core.sentences import FAULTS
from core.serializers import Serializer
from integrations.mqtt import environment
from integrations.mqtt.broker import FIELDS
from integrations.mqtt.candidates import REFUSALS
from integrations.mqtt.status import MqttStatusSerializer

TOPIC_FORMAT = FAULTS.add("topic_format", "Only letters, digits, _ and -, with / in between.")
HOST_FORMAT = FAULTS.add("host_format", "This is neither a host name nor an IP address.")
FIXED = FAULTS.add("fixed_by_variable", "This is fixed by the variable {name}.")


class TopicField(serializers.RegexField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            rf"\A{environment.TOPIC.pattern}\Z",
            max_length=environment.LONGEST_TOPIC,
            error_messages={"invalid": faults.message(TOPIC_FORMAT)},
            **options,
        )


class MqttSettingsSerializer(Serializer):
    """The settings in force. A change may leave any field out.

    A new host or port, or an end of TLS, removes the stored password: send it again.
    """

    enabled = serializers.BooleanField(required=False)
    host = serializers.RegexField(
        rf"\A(?:{environment.HOST.pattern})\Z",
        max_length=environment.LONGEST_HOST,
        error_messages={"invalid": faults.message(HOST_FORMAT)},
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
    arm_without_code = serializers.BooleanField(
        required=False, help_text="Whether a command to arm needs no code. Disarming always does."
    )
    is_bundled = serializers.BooleanField(
        read_only=True, help_text="Whether it is the stack's own broker, with managed accounts."
    )
    has_password = serializers.BooleanField(read_only=True)
    from_environment = serializers.ListField(
        child=serializers.ChoiceField(choices=FIELDS), read_only=True
    )
    status = MqttStatusSerializer(read_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse to change what the environment sets."""
        fixed = settings.MQTT_OVERRIDES
        wrong = {
            name: FIXED(name=f"MQTT_{name.upper()}")
            for name, value in attrs.items()
            if name in fixed and value != fixed[name]
        }
        if wrong:
            raise faults.all_invalid(wrong)
        return {name: value for name, value in attrs.items() if name not in fixed}


class MqttLoginSerializer(serializers.Serializer[Any]):
    """A program's login at the stack's broker; the password is shown this once."""

    username = serializers.CharField()
    password = serializers.CharField()


class MqttTestResultSerializer(serializers.Serializer[Any]):
    """The result of an attempt to connect; `detail` says why it failed."""

    ok = serializers.BooleanField()
    detail = serializers.CharField()


class DiscoveredSensorSerializer(serializers.Serializer[Any]):
    """A sensor that another program announces at the broker."""

    id = serializers.IntegerField()
    name = serializers.CharField(help_text="Of its device. An import makes it unique.")
    kind = serializers.ChoiceField(
        choices=choices(Kind),
        allow_null=True,
        help_text="From its device class; another may be chosen. Null if it cannot be imported.",
    )
    device_class = serializers.CharField(allow_blank=True)
    model = serializers.CharField(allow_blank=True)
    origin = serializers.CharField(allow_blank=True, help_text="The program, e.g. Zigbee2MQTT.")
    topic = serializers.CharField(allow_blank=True, help_text="Where its state is published.")
    tells = serializers.ListField(
        child=serializers.ChoiceField(choices=("battery", "tamper", "availability")),
        help_text="What it tells beside its state.",
    )
    refusal = serializers.ChoiceField(
        choices=tuple(REFUSALS), allow_blank=True, help_text="Why it cannot be imported."
    )
    detail = serializers.CharField(allow_blank=True, help_text="The refusal as a sentence.")
    sensor = serializers.IntegerField(
        allow_null=True, help_text="The sensor that it was imported as."
    )


class ChosenSensorSerializer(Serializer):
    """A discovered sensor to import; without a name and a kind it gets those that are offered."""

    id = serializers.IntegerField(min_value=1, max_value=LARGEST_ID)
    name = serializers.CharField(max_length=64, required=False)
    kind = serializers.ChoiceField(choices=choices(Kind), required=False)


class ImportSerializer(Serializer):
    """The sensors to import."""

    sensors = serializers.ListField(
        child=ChosenSensorSerializer(), allow_empty=False, max_length=MOST_SENSORS
    )
