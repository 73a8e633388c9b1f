"""One's own browsers that show notifications, over HTTP."""

from typing import Any

from django.db import transaction
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from core import faults
from core.guard import ONLY_WHILE_DISARMED, require_disarmed
from core.views import View, operation
from notifications import browsers, sending, trial, web_push
from notifications.kinds import Kind
from notifications.models import PushSubscription
from notifications.serializers import (
    NewPushSubscriptionSerializer,
    PushSerializer,
    PushSubscriptionSerializer,
    TestResultSerializer,
)
from people.permissions import person_of

MISSING = {404: ("not_found",)}


class PushView(View):
    @operation("The panel's key for push services, and your browsers", PushSerializer)
    def get(self, request: Request) -> dict[str, Any]:
        person = person_of(request)
        return {
            "public_key": web_push.public_key(),
            "kinds": browsers.kinds_for(person),
            "subscriptions": browsers.of(person),
        }

    @operation(
        *("Let this browser show notifications", PushSubscriptionSerializer),
        status=201,
        body=NewPushSubscriptionSerializer,
        raises={
            **ONLY_WHILE_DISARMED,
            browsers.TooManyBrowsers: (409, "too_many_browsers"),
        },
    )
    def post(self, request: Request, body: dict[str, Any]) -> PushSubscription:
        """Subscribe, or repeat that. The kinds of one that is stored are changed with it."""
        try:
            return browsers.subscribe(request, **body)
        except browsers.NotForResidents as error:
            raise faults.invalid(error.args[0], "kinds") from error


class PushSubscriptionView(View):
    @operation("End a subscription of yours", raises=ONLY_WHILE_DISARMED, codes=MISSING)
    @transaction.atomic
    def delete(self, request: Request, pk: int) -> None:
        require_disarmed()
        get_object_or_404(browsers.of(person_of(request)), pk=pk).delete()


class PushTestView(View):
    @operation(
        *("Send a test message to a browser of yours", TestResultSerializer),
        codes={**MISSING, 429: ("throttled",)},
    )
    def post(self, request: Request, pk: int) -> dict[str, object]:
        """Send it now, past the outbox."""
        row = get_object_or_404(browsers.of(person_of(request)), pk=pk)
        send = sending.to_browser(row, Kind.ARMING, *trial.words(row.person))
        return trial.result(("push", pk), send)
