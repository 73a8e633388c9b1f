"""The JSON of the alarm's API: what requests carry, and what answers and WebSockets send."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from rest_framework import serializers

from alarm.models import Cause, EventKind, Kind, Mode
from alarm.transitions import ARMED, State
from core.serializers import MomentField, Serializer

LARGEST_DELAY = 3600  # seconds
LARGEST_ID = 2**63 - 1
MOST_SENSORS = 200
LARGEST_PAGE = 200  # events


def choices(options: Iterable[StrEnum]) -> list[str]:
    return [str(option) for option in options]


class ArmSerializer(Serializer):
    """The body of `POST /api/alarm/arm/`."""

    mode = serializers.ChoiceField(
        choices=choices(Mode),
        error_messages={"invalid_choice": "This is neither home, away nor night."},
    )
    bypass = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        default=[],
        max_length=MOST_SENSORS,
    )


class DisarmSerializer(Serializer):
    """The body of `POST /api/alarm/disarm/`."""

    pin = serializers.RegexField(
        r"\A[0-9]{4,12}\Z",
        trim_whitespace=False,
        error_messages={"invalid": "A PIN has 4 to 12 digits."},
    )


class BypassSerializer(Serializer):
    """The body of `POST /api/sensors/{id}/bypass/`."""

    bypassed = serializers.BooleanField()


class ReportSerializer(Serializer):
    """The body of `POST /api/sensors/{id}/events/`."""

    active = serializers.BooleanField()
    event_id = serializers.CharField(max_length=64, trim_whitespace=False, required=False)
    at = MomentField(required=False)


class SettingsSerializer(Serializer):
    """The settings, asked for and answered; delays in seconds."""

    exit_delay = serializers.IntegerField(min_value=0, max_value=LARGEST_DELAY)
    entry_delay = serializers.IntegerField(min_value=0, max_value=LARGEST_DELAY)
    siren_duration = serializers.IntegerField(min_value=1, max_value=86400)
    retention_days = serializers.IntegerField(min_value=1, max_value=3650)


class EventQuerySerializer(serializers.Serializer[Any]):
    """The filters of `GET /api/events/` and of its export."""

    kind = serializers.ListField(
        child=serializers.ChoiceField(choices=choices(EventKind)),
        required=False,
        max_length=len(EventKind),
    )
    sensor = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    person = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    since = MomentField(required=False)
    until = MomentField(required=False)


class EventPageQuerySerializer(EventQuerySerializer):
    """The filters and the page of `GET /api/events/`."""

    cursor = serializers.CharField(
        required=False, allow_blank=True, help_text="Taken from `next` or `previous`."
    )
    page_size = serializers.IntegerField(
        min_value=1,
        max_value=LARGEST_PAGE,
        default=50,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), f"A page has 1 to {LARGEST_PAGE} events."
        ),
    )


class NamedSerializer(serializers.Serializer[Any]):
    """An identifier and a name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class TriggerSerializer(NamedSerializer):
    """A sensor that triggered the alarm."""

    kind = serializers.ChoiceField(choices=choices(Kind))


class NotReadySerializer(serializers.Serializer[Any]):
    """For each mode, the open sensors that prevent arming."""

    home = NamedSerializer(many=True)
    away = NamedSerializer(many=True)
    night = NamedSerializer(many=True)

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


class AlarmSerializer(AlarmStateSerializer):
    """The alarm with the sequence of its last change."""

    sequence = serializers.IntegerField()


class SensorSerializer(Serializer):
    """A sensor. A new one without `modes` is live in all; a motion sensor in `away` only."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=64)
    kind = serializers.ChoiceField(choices=choices(Kind))
    modes = serializers.ListField(
        child=serializers.ChoiceField(choices=choices(Mode)), max_length=len(Mode), required=False
    )
    entry_delay = serializers.BooleanField(required=False)
    bypassed = serializers.BooleanField(read_only=True)
    active = serializers.BooleanField(read_only=True, allow_null=True)
    last_heard_at = MomentField(read_only=True, allow_null=True)
    silent_from = MomentField(
        read_only=True,
        allow_null=True,
        help_text="When it counts as silent, unless it reports before.",
    )


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


class EventSerializer(serializers.Serializer[Any]):
    """An event."""

    id = serializers.IntegerField()
    at = MomentField()
    kind = serializers.ChoiceField(choices=choices(EventKind))
    from_state = serializers.CharField(allow_blank=True)
    to_state = serializers.CharField(allow_blank=True)
    cause = serializers.ChoiceField(choices=choices(Cause))
    person = NamedSerializer(allow_null=True)
    sensor = NamedSerializer(allow_null=True)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]  # a field's name
    detail = serializers.CharField(allow_blank=True)


class EventPageSerializer(serializers.Serializer[Any]):
    """A page of events, newest first."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = EventSerializer(many=True)
