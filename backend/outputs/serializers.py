"""The JSON of the outputs' API."""

from enum import StrEnum
from typing import Any

from rest_framework import serializers

from core import faults
from core.serializers import MomentField, Serializer
from outputs import secret_urls
from outputs.models import UNKNOWN, Command, Fault, Method, OutputKind, Tone

LONGEST_CUT_OFF = 3600  # seconds


def choices(options: type[StrEnum]) -> list[str]:
    return [str(option) for option in options]


class UrlField(serializers.CharField):
    """An address of a webhook; it is never sent back."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=secret_urls.LONGEST, write_only=True, **options)

    def to_internal_value(self, data: Any) -> str:
        url = str(super().to_internal_value(data))
        if wrong := secret_urls.fault(url):
            raise faults.invalid(wrong)
        return url


class ReportedOutputSerializer(serializers.Serializer[Any]):
    """What an output has reported, as WebSockets send it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    reported = serializers.ChoiceField(choices=[*choices(Command), UNKNOWN])
    error = serializers.ChoiceField(
        choices=choices(Fault), allow_blank=True, help_text="Empty while it answers."
    )


def as_heard(shown: dict[str, Any]) -> dict[str, Any]:
    """Return of what an output has reported only what is heard of it: not its name, nor a fault.

    It is for a tablet on the wall, which a burglar may look at.
    """
    return {"id": shown["id"], "name": "", "reported": shown["reported"], "error": ""}


class OutputSerializer(Serializer):
    """An output. A webhook has both addresses; its kind stays as it was made."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=64)
    kind = serializers.ChoiceField(choices=choices(OutputKind))
    tones = serializers.ListField(
        child=serializers.ChoiceField(choices=choices(Tone)), max_length=len(Tone), required=False
    )
    strobe = serializers.BooleanField(required=False)
    cut_off = serializers.IntegerField(
        min_value=1,
        max_value=LONGEST_CUT_OFF,
        required=False,
        help_text="Seconds after which it is off, whatever happens.",
    )
    enabled = serializers.BooleanField(required=False)
    method = serializers.ChoiceField(choices=choices(Method), required=False)
    on_url = UrlField(
        required=False, help_text="{duration} and {tone} are replaced: ?turn=on&timer={duration}"
    )
    off_url = UrlField(required=False)
    address = serializers.CharField(
        read_only=True, allow_null=True, help_text="Scheme and host of a webhook; else null."
    )
    reported = serializers.ChoiceField(choices=[*choices(Command), UNKNOWN], read_only=True)
    reported_at = MomentField(read_only=True, allow_null=True)
    error = serializers.ChoiceField(
        choices=choices(Fault),
        allow_blank=True,
        read_only=True,
        help_text="Empty while it answers.",
    )


class OutputLoginSerializer(serializers.Serializer[Any]):
    """The topics of an MQTT output; at the stack's broker, its login, which is shown this once."""

    username = serializers.CharField(allow_null=True)
    password = serializers.CharField(allow_null=True)
    set_topic = serializers.CharField()
    state_topic = serializers.CharField()
    availability_topic = serializers.CharField(
        help_text="`online`, and as its last will `offline`, both retained."
    )


class OutputPasswordSerializer(serializers.Serializer[Any]):
    """The new login of an output."""

    mqtt = OutputLoginSerializer()


class NewOutputSerializer(OutputSerializer):
    """A new output with its login."""

    mqtt = OutputLoginSerializer(allow_null=True, help_text="Null for a webhook.")
