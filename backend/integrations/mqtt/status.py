"""The state of the connection to the broker: stored, and announced to every browser."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import serializers

from alarm import changes
from alarm.models import SINGLETON_ID
from core.serializers import MomentField
from integrations.models import MqttStatus

OFF = "off"
CONNECTING = "connecting"
CONNECTED = "connected"
RESTRICTED = "restricted"  # connected, but the broker refuses a part
UNREACHABLE = "unreachable"
REFUSED = "refused"
TROUBLE = (RESTRICTED, UNREACHABLE, REFUSED)
STATES = (OFF, CONNECTING, CONNECTED, *TROUBLE)


class MqttStatusSerializer(serializers.Serializer[Any]):
    """The state of the connection."""

    state = serializers.ChoiceField(choices=STATES)
    detail = serializers.CharField(allow_blank=True)
    since = MomentField()


def current() -> MqttStatus:
    """Return the stored status, in one query."""
    return MqttStatus.objects.filter(pk=SINGLETON_ID).first() or MqttStatus()


@transaction.atomic
def put(state: str, detail: str = "") -> bool:
    """Store a status and announce it, if it is another; return whether it was.

    `since` is when the state began; another detail does not change it.
    """
    row = MqttStatus.objects.select_for_update().get_or_create(pk=SINGLETON_ID)[0]
    detail = detail[:300]
    if (row.state, row.detail) == (state, detail):
        return False
    if row.state != state:
        row.since = timezone.now()
    row.state, row.detail = state, detail
    row.save(update_fields=["state", "detail", "since"])
    changes.announce("integration", {"mqtt": MqttStatusSerializer(row).data})
    return True


def announced() -> dict[str, Any] | None:
    """Return where the retained topics of the last connection are."""
    return MqttStatus.objects.filter(pk=SINGLETON_ID).values_list("announced", flat=True).first()


def remember(place: dict[str, Any] | None) -> None:
    """Store where the retained topics are; None: there are none."""
    MqttStatus.objects.filter(pk=SINGLETON_ID).update(announced=place)
