"""The JSON of the alarm and its sensors: what requests carry, and what answers and sockets send."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from rest_framework import serializers

from alarm.sensor_types import Kind, Mode, Reason, Trouble, Type
from alarm.transitions import ARMED, State
from core import faults
from core.sentences import FAULTS
from core.serializers import MomentField, Serializer

LARGEST_DELAY = 3600  # seconds
LONGEST_HEARTBEAT = 31 * 86400  # seconds
LARGEST_ID = 2**63 - 1
MOST_SENSORS = 200
NO_MODE = FAULTS.add("no_mode", "This is neither home, away, night nor vacation.")


def choices(options: Iterable[StrEnum]) -> list[str]:
    return [str(option) for option in options]


class PinField(serializers.RegexField):
    """A PIN as it is typed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            r"\A[0-9]{4,12}\Z",
            trim_whitespace=False,
            error_messages={"invalid": faults.message(faults.PIN, min=4, max=12)},
            **options,
        )


class ArmSerializer(Serializer):
    """The body of `POST /api/alarm/arm/`. `force` bypasses all that stands in the way."""

    mode = serializers.ChoiceField(
        choices=choices(Mode),
        error_messages={"invalid_choice": faults.message(NO_MODE)},
    )
    bypass = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        default=[],
        max_length=MOST_SENSORS,
    )
    force = serializers.BooleanField(default=False)
    pin = PinField(required=False)


class DisarmSerializer(Serializer):
    """The body of `POST /api/alarm/disarm/`."""

    pin = PinField()


class AcknowledgeSerializer(Serializer):
    """The body of `POST /api/alarm/acknowledge/`. A kiosk has to send a PIN."""

    pin = PinField(required=False)


class BypassSerializer(Serializer):
    """The body of `POST /api/sensors/{id}/bypass/`."""

    bypassed = serializers.BooleanField()


class ReportSerializer(Serializer):
    """The body of `POST /api/sensors/{id}/events/`. An empty one is a sign of life."""

    active = serializers.BooleanField(required=False)
    battery_low = serializers.BooleanField(required=False)
    tamper = serializers.BooleanField(required=False)
    event_id = serializers.CharField(max_length=64, trim_whitespace=False, required=False)
    at = MomentField(required=False)


class DelaysSerializer(Serializer):
    """A delay for each mode, in seconds."""

    home = serializers.IntegerField(min_value=0, max_value=LARGEST_DELAY)
    away = serializers.IntegerField(min_value=0, max_value=LARGEST_DELAY)
    night = serializers.IntegerField(min_value=0, max_value=LARGEST_DELAY)
    vacation = serializers.IntegerField(min_value=0, max_value=LARGEST_DELAY)


class SettingsSerializer(Serializer):
    """The settings, asked for and answered; durations in seconds."""

    exit_delay = DelaysSerializer()
    entry_delay = DelaysSerializer()
    siren_duration = serializers.IntegerField(min_value=1, max_value=86400)
    retention_days = serializers.IntegerField(min_value=1, max_value=3650)


class NamedSerializer(serializers.Serializer[Any]):
    """An identifier and a name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class TriggerSerializer(serializers.Serializer[Any]):
    """What triggered the alarm: a sensor, or without `id` another source."""

    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=choices(Kind))


class MemorySerializer(TriggerSerializer):
    """What has set the alarm off, and when."""

    at = serializers.DateTimeField()  # stored as it is sent


class PreventingSerializer(NamedSerializer):
    """A sensor that prevents arming, and why."""

    reasons = serializers.ListField(child=serializers.ChoiceField(choices=choices(Reason)))


class InTroubleSerializer(NamedSerializer):
    """A sensor in trouble."""

    trouble = serializers.ListField(child=serializers.ChoiceField(choices=choices(Trouble)))


class NotReadySerializer(serializers.Serializer[Any]):
    """For each mode, the sensors that prevent arming."""

    home = PreventingSerializer(many=True)
    away = PreventingSerializer(many=True)
    night = PreventingSerializer(many=True)
    vacation = PreventingSerializer(many=True)

    def to_representation(self, instance: dict[str, Any]) -> dict[str, Any]:
        """Return a list for each mode; one that is not stored is empty."""
        return super().to_representation({mode: instance.get(mode, []) for mode in Mode})


class AlarmStateSerializer(serializers.Serializer[Any]):
    """The alarm as WebSockets send it."""

    state = serializers.ChoiceField(choices=choices(State))
    target = serializers.ChoiceField(choices=choices(ARMED), allow_null=True)
    changed_at = MomentField()
    deadline = MomentField(allow_null=True)
    triggered_by = TriggerSerializer(many=True)
    not_ready = NotReadySerializer()
    siren = serializers.BooleanField(help_text="Whether sirens are to sound now.")
    memory = MemorySerializer(
        many=True, help_text="What has set it off since the last acknowledgement."
    )
    trouble = InTroubleSerializer(many=True)


class AlarmSerializer(AlarmStateSerializer):
    """The alarm with the sequence of its last change."""

    sequence = serializers.IntegerField()


class SensorSerializer(Serializer):
    """A sensor. What is left out of a new one is its type's default, as in `sensors/types/`."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=64)
    kind = serializers.ChoiceField(choices=choices(Kind), help_text="What it is.")
    type = serializers.ChoiceField(
        choices=choices(Type), required=False, help_text="How the alarm reacts to it."
    )
    modes = serializers.ListField(
        child=serializers.ChoiceField(choices=choices(Mode)), max_length=len(Mode), required=False
    )
    entry_delay = serializers.IntegerField(
        min_value=0,
        max_value=LARGEST_DELAY,
        allow_null=True,
        required=False,
        help_text="In seconds; null is the mode's.",
    )
    final_door = serializers.BooleanField(
        required=False, help_text="Whether closing it ends the exit delay."
    )
    chime = serializers.BooleanField(
        required=False, help_text="Whether opening it rings while the alarm is disarmed."
    )
    heartbeat = serializers.IntegerField(
        min_value=0,
        max_value=LONGEST_HEARTBEAT,
        allow_null=True,
        required=False,
        help_text="In seconds, after which it has no contact; null is its kind's, 0 is never.",
    )
    bypassed = serializers.BooleanField(read_only=True)
    active = serializers.BooleanField(read_only=True, allow_null=True, source="shown_active")
    last_heard_at = MomentField(read_only=True, allow_null=True)
    no_contact_from = MomentField(
        read_only=True,
        allow_null=True,
        help_text="When it has no contact, unless it reports before.",
    )
    trouble = serializers.ListField(
        child=serializers.ChoiceField(choices=choices(Trouble)), read_only=True
    )


class TypeSerializer(serializers.Serializer[Any]):
    """A type of a kind of sensor: its defaults, and which fields it has."""

    type = serializers.ChoiceField(choices=choices(Type))
    modes = serializers.ListField(child=serializers.ChoiceField(choices=choices(Mode)))
    chime = serializers.BooleanField()
    has_modes = serializers.BooleanField(help_text="Otherwise it is live in all, and always.")
    has_entry_delay = serializers.BooleanField()
    has_final_door = serializers.BooleanField()
    has_chime = serializers.BooleanField()


class KindSerializer(serializers.Serializer[Any]):
    """A kind of sensor with its types, the default first."""

    kind = serializers.ChoiceField(choices=choices(Kind))
    heartbeat = serializers.IntegerField(help_text="The default, in seconds.")
    types = TypeSerializer(many=True)


class SensorLoginSerializer(serializers.Serializer[Any]):
    """A sensor's user name at the stack's broker, and the topic that it reports on."""

    username = serializers.CharField()
    topic = serializers.CharField()


class SensorTokenSerializer(serializers.Serializer[Any]):
    """A sensor's new token, shown once."""

    token = serializers.CharField()
    mqtt = SensorLoginSerializer(
        allow_null=True, help_text="Its login at the stack's broker; the password is the token."
    )


class NewSensorSerializer(SensorSerializer, SensorTokenSerializer):
    """A new sensor with its token, shown once."""


class SequenceSerializer(serializers.Serializer[Any]):
    """The sequence of the last change that a report led to."""

    sequence = serializers.IntegerField()
