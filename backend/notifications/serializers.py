"""The JSON of the notifications' API."""

import datetime as dt
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rest_framework import serializers

from core import faults
from core.sentences import FAULTS
from core.serializers import ModelSerializer, MomentField, Serializer
from notifications import services, web_push
from notifications.failures import WRONG_KEYS, Refused
from notifications.kinds import Kind
from notifications.models import Channel, Delivery
from people.models import Person, Role

KINDS = [str(kind) for kind in Kind]
TIME_FORMAT = FAULTS.add("time_format", "This is not a time like {example}.")
WRONG: dict[str, Any] = {"invalid": faults.message(WRONG_KEYS)}
NO_TIME_ZONE = FAULTS.add("no_time_zone", "There is no such time zone.")
SHORTEST_ESCALATION, LONGEST_ESCALATION = 60, 24 * 3600  # seconds


def kinds_field(**options: Any) -> serializers.ListField:
    """A set of kinds, as a list without repetitions."""
    return serializers.ListField(
        child=serializers.ChoiceField(choices=KINDS), max_length=len(KINDS), **options
    )


class ChannelSerializer(ModelSerializer):
    """A channel. Its URL is never sent; `service` and `host` are what may be shown of it."""

    url = serializers.CharField(
        max_length=services.LONGEST_URL, write_only=True, help_text="As Apprise takes it."
    )
    person = serializers.PrimaryKeyRelatedField(
        queryset=Person.objects.exclude(role=Role.KIOSK),
        allow_null=True,
        required=False,
        help_text="It ends with this person.",
    )
    kinds = kinds_field()
    escalate_after = serializers.IntegerField(
        min_value=SHORTEST_ESCALATION,
        max_value=LONGEST_ESCALATION,
        allow_null=True,
        required=False,
        help_text="Seconds after which it hears again of an alarm that is not acknowledged.",
    )
    service = serializers.CharField(read_only=True)
    host = serializers.CharField(read_only=True, allow_blank=True)
    last_sent_at = MomentField(read_only=True, allow_null=True)
    error = serializers.CharField(
        read_only=True, allow_blank=True, help_text="Why the last attempt failed, if it did."
    )

    class Meta:
        model = Channel
        fields = (
            *("id", "name", "person", "url", "service", "host", "kinds", "escalate_after"),
            *("enabled", "last_sent_at", "error"),
        )
        # The answer to a name that is taken is 409.
        extra_kwargs: ClassVar[dict[str, dict[str, Any]]] = {"name": {"validators": []}}

    def validate_url(self, url: str) -> str:
        """Return it without outer spaces; refuse what cannot be used."""
        try:
            services.describe(url)
        except Refused as refusal:
            raise faults.invalid(refusal.sentence) from refusal
        return url

    def validate_kinds(self, kinds: list[str]) -> list[str]:
        return ordered(kinds)


class TestResultSerializer(serializers.Serializer[Any]):
    """The result of a test; `detail` says why it failed."""

    ok = serializers.BooleanField()
    detail = serializers.CharField()


class NotificationTargetSerializer(serializers.Serializer[Any]):
    """What a notification is for: a channel, or a person's browser."""

    type = serializers.ChoiceField(choices=["channel", "push"])
    id = serializers.IntegerField()
    name = serializers.CharField()


class DeliverySerializer(serializers.Serializer[Any]):
    """A notification that waits to be sent, or has failed for too long."""

    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=KINDS)
    title = serializers.CharField()
    body = serializers.CharField(allow_blank=True)
    target = NotificationTargetSerializer()
    created_at = MomentField()
    state = serializers.ChoiceField(choices=[Delivery.State.WAITING, Delivery.State.DEAD])
    attempts = serializers.IntegerField()
    next_at = MomentField(help_text="When the next attempt is made, if it is waiting.")
    error = serializers.CharField(allow_blank=True)


class PushKeysSerializer(Serializer):
    """The keys of a browser's `PushSubscription`, in Base64 for URLs."""

    p256dh = serializers.RegexField(r"\A[A-Za-z0-9_-]{87}=?\Z", max_length=88, error_messages=WRONG)
    auth = serializers.RegexField(
        r"\A[A-Za-z0-9_-]{22}(==)?\Z", max_length=24, error_messages=WRONG
    )


class NewPushSubscriptionSerializer(Serializer):
    """A browser's `PushSubscription` as its `toJSON()` gives it, and what it is to show."""

    endpoint = serializers.CharField(max_length=1000)
    keys = PushKeysSerializer()
    kinds = kinds_field()

    def validate_kinds(self, kinds: list[str]) -> list[str]:
        return ordered(kinds)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Replace the three by `subscription` and `kinds`."""
        subscription = web_push.Subscription(attrs["endpoint"], **attrs["keys"])
        try:
            subscription.require_usable()
        except Refused as refusal:
            raise faults.invalid(refusal.sentence, "endpoint") from refusal
        return {"subscription": subscription, "kinds": attrs["kinds"]}


class PushSubscriptionSerializer(serializers.Serializer[Any]):
    """One of your browsers that show notifications."""

    id = serializers.IntegerField()
    device = serializers.CharField()
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=KINDS))
    fingerprint = serializers.CharField(
        help_text="The SHA-256 of its endpoint, in hexadecimal: a browser knows itself by it."
    )
    created_at = MomentField()
    last_sent_at = MomentField(allow_null=True)
    error = serializers.CharField(allow_blank=True)


class PushSerializer(serializers.Serializer[Any]):
    """What a browser needs to subscribe, and your browsers that have done so."""

    public_key = serializers.CharField(help_text="The `applicationServerKey`, in Base64 for URLs.")
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=KINDS), help_text="Those that you may subscribe to."
    )
    subscriptions = PushSubscriptionSerializer(many=True)


class LocalTimeField(serializers.TimeField):
    """A time of the day, `23:00`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            format="%H:%M",
            input_formats=["%H:%M"],
            error_messages={"invalid": faults.message(TIME_FORMAT, example="23:00")},
            **options,
        )

    def to_internal_value(self, value: Any) -> dt.time:
        if not isinstance(value, str):
            self.fail("invalid", format="23:00")
        return super().to_internal_value(value)


class NotificationSettingsSerializer(Serializer):
    """The settings of notifications."""

    late_arming_at = LocalTimeField(
        allow_null=True,
        required=False,
        help_text="It is told if the alarm is not armed at this local time; null: it is not.",
    )
    time_zone = serializers.CharField(
        max_length=64, required=False, help_text="Of times in notifications: `Europe/Berlin`."
    )

    def validate_time_zone(self, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ValueError, OSError, ZoneInfoNotFoundError) as error:
            raise faults.invalid(NO_TIME_ZONE()) from error
        return name


def ordered(kinds: list[str]) -> list[str]:
    """Return the kinds once each, in the order of `Kind`."""
    return [kind for kind in KINDS if kind in kinds]
