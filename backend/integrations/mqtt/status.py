"""How the connection to the broker is doing: stored, and announced to every browser."""

from django.db import transaction
from django.utils import timezone

from alarm import changes
from alarm.models import ONLY
from alarm.shapes import iso
from integrations.models import MqttStatus

OFF = "off"
CONNECTING = "connecting"
CONNECTED = "connected"
UNREACHABLE = "unreachable"
REFUSED = "refused"
TROUBLE = (UNREACHABLE, REFUSED)
STATES = (OFF, CONNECTING, CONNECTED, *TROUBLE)


def current() -> dict:
    """Return `{"state", "detail", "since"}`, in one query."""
    return shape(MqttStatus.objects.filter(pk=ONLY).first() or MqttStatus())


def shape(row: MqttStatus) -> dict:
    """Return a status as the API and the sockets give it."""
    return {"state": row.state, "detail": row.detail, "since": iso(row.since)}


@transaction.atomic
def put(state: str, detail: str = "") -> bool:
    """Store a status and announce it, if it is news; return whether it was.

    `since` is when the state began, whatever became of its detail.
    """
    row = MqttStatus.objects.select_for_update().get_or_create(pk=ONLY)[0]
    detail = detail[:300]
    if (row.state, row.detail) == (state, detail):
        return False
    if row.state != state:
        row.since = timezone.now()
    row.state, row.detail = state, detail
    row.save(update_fields=["state", "detail", "since"])
    changes.announce("integration", {"mqtt": shape(row)})
    return True


def announced() -> dict | None:
    """Return where the retained topics of the last connection are."""
    return MqttStatus.objects.filter(pk=ONLY).values_list("announced", flat=True).first()


def remember(place: dict | None) -> None:
    """Store where the retained topics are; None: there are none."""
    MqttStatus.objects.filter(pk=ONLY).update(announced=place)
