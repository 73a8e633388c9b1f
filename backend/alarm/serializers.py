"""What the alarm's addresses take, checked; and, for the schema, what they answer."""

from rest_framework import serializers

from alarm.models import Cause, EventKind, Kind, Mode
from alarm.transitions import ARMED, State
from config.serializers import MomentField, Serializer

LARGEST_DELAY = 3600  # seconds
LARGEST_ID = 2**63 - 1
MOST_SENSORS = 200


def choices(options) -> list[str]:
    """Return the values of an enumeration."""
    return [str(option) for option in options]


# --- Requests ---------------------------------------------------------------------------------


class ArmRequest(Serializer):
    """The body of `POST /api/alarm/arm/`."""

    mode = serializers.ChoiceField(
        choices=choices(Mode),
        error_messages={"invalid_choice": "This is neither home, away nor night."},
    )
    bypass = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_ID),
        default=(),
        max_length=MOST_SENSORS,
    )


class DisarmRequest(Serializer):
    """The body of `POST /api/alarm/disarm/`."""

    pin = serializers.RegexField(
        r"\A[0-9]{4,12}\Z",
        trim_whitespace=False,
        error_messages={"invalid": "A PIN has 4 to 12 digits."},
    )


class SensorRequest(Serializer):
    """The body of `POST /api/sensors/`; in part, of `PATCH /api/sensors/{id}/`."""

    name = serializers.CharField(max_length=64)
    kind = serializers.ChoiceField(choices=choices(Kind))
    modes = serializers.ListField(
        child=serializers.ChoiceField(choices=choices(Mode)), max_length=len(Mode), required=False
    )
    entry_delay = serializers.BooleanField(required=False)


class BypassRequest(Serializer):
    """The body of `POST /api/sensors/{id}/bypass/`."""

    bypassed = serializers.BooleanField()


class ReportRequest(Serializer):
    """The body of `POST /api/sensors/{id}/events/`."""

    active = serializers.BooleanField()
    event_id = serializers.CharField(max_length=64, trim_whitespace=False, required=False)
    at = MomentField(required=False)


class SettingsBody(Serializer):
    """The settings, asked for and answered; delays in seconds."""

    exit_delay = serializers.IntegerField(min_value=0, max_value=LARGEST_DELAY)
    entry_delay = serializers.IntegerField(min_value=0, max_value=LARGEST_DELAY)
    siren_duration = serializers.IntegerField(min_value=1, max_value=86400)
    retention_days = serializers.IntegerField(min_value=1, max_value=3650)


class EventQuery(serializers.Serializer):
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


# --- Answers ----------------------------------------------------------------------------------


class Named(serializers.Serializer):
    """Something by its identifier and its name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class Origin(Named):
    """A sensor that set the alarm off."""

    kind = serializers.ChoiceField(choices=choices(Kind))


class NotReadyBody(serializers.Serializer):
    """For each mode, the sensors that stand in its way."""

    home = Named(many=True)
    away = Named(many=True)
    night = Named(many=True)


class AlarmBody(serializers.Serializer):
    """The alarm's snapshot."""

    state = serializers.ChoiceField(choices=choices(State))
    target = serializers.ChoiceField(choices=choices(ARMED), allow_null=True)
    changed_at = MomentField()
    deadline = MomentField(allow_null=True)
    sequence = serializers.IntegerField()
    triggered_by = Origin(many=True)
    not_ready = NotReadyBody()


class SensorBody(serializers.Serializer):
    """A sensor."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=choices(Kind))
    modes = serializers.ListField(child=serializers.ChoiceField(choices=choices(Mode)))
    entry_delay = serializers.BooleanField()
    bypassed = serializers.BooleanField()
    active = serializers.BooleanField(allow_null=True)
    last_heard_at = MomentField(allow_null=True)


class TokenBody(serializers.Serializer):
    """A sensor's new token, given this once."""

    token = serializers.CharField()


class NewSensorBody(SensorBody, TokenBody):
    """A sensor that has just been made, with its token."""


class SequenceBody(serializers.Serializer):
    """The number of the last change that a report led to."""

    sequence = serializers.IntegerField()


class EventBody(serializers.Serializer):
    """An event."""

    id = serializers.IntegerField()
    at = MomentField()
    kind = serializers.ChoiceField(choices=choices(EventKind))
    from_state = serializers.CharField(allow_blank=True)
    to_state = serializers.CharField(allow_blank=True)
    cause = serializers.ChoiceField(choices=choices(Cause))
    person = Named(allow_null=True)
    sensor = Named(allow_null=True)
    source = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True)
