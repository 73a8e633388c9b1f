"""The outbox over HTTP, for admins: what waits, and what could not be sent."""

from collections.abc import Iterable

from rest_framework.request import Request

from core.guard import ONLY_WHILE_DISARMED
from core.views import View, operation
from notifications import outbox
from notifications.models import Delivery
from notifications.serializers import DeliverySerializer
from people.actors import actor_of
from people.permissions import IsAdmin

MISSING = {404: ("not_found",)}
LISTED = 200


class OutboxView(View):
    permission_classes = (IsAdmin,)

    @operation(
        *("The newest 200 notifications that wait or have failed", DeliverySerializer),
        many=True,
    )
    def get(self, request: Request) -> Iterable[Delivery]:
        return Delivery.objects.exclude(state=Delivery.State.SENT).order_by("-id")[:LISTED]


class DeliveryView(View):
    permission_classes = (IsAdmin,)

    @operation("Dismiss a notification", raises=ONLY_WHILE_DISARMED, codes=MISSING)
    def delete(self, request: Request, pk: int) -> None:
        """Dismiss it: it is not sent, and leaves the list."""
        outbox.dismiss(pk, actor_of(request))


class RetryView(View):
    permission_classes = (IsAdmin,)

    @operation("Send a notification again now", DeliverySerializer, codes=MISSING)
    def post(self, request: Request, pk: int) -> Delivery:
        """Make it wait from now on, also a dead one."""
        return outbox.retry(pk)
