"""The MQTT integration over HTTP, for admins.

The test connects to any host that an admin names, so an admin can find open ports in the network.
That is accepted: an admin chooses the broker that commands the alarm. Received data is not shown.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from typing import Any

from django.db import transaction
from rest_framework.request import Request

from alarm import events
from alarm.facts import fields
from alarm.models import SINGLETON_ID, Cause, EventKind
from core.guard import ONLY_WHILE_DISARMED, require_disarmed
from core.problems import Problem
from core.views import View, operation
from integrations import facts
from integrations.models import MqttSettings
from integrations.mqtt import accounts, connection
from integrations.mqtt import broker as brokers
from integrations.serializers import (
    MqttLoginSerializer,
    MqttSettingsSerializer,
    MqttTestResultSerializer,
)
from people.actors import actor_of
from people.permissions import IsAdmin

TEST_LIMIT = 20.0  # seconds; only a frozen name server takes longer
TESTS_AT_ONCE = 2

_tests = ThreadPoolExecutor(TESTS_AT_ONCE, thread_name_prefix="mqtt test")
_free = threading.Semaphore(TESTS_AT_ONCE)


class MqttView(View):
    """The broker's settings; a change is in force at once."""

    permission_classes = (IsAdmin,)

    @operation("The MQTT settings, without the password", MqttSettingsSerializer)
    def get(self, request: Request) -> brokers.Broker:
        return brokers.load()

    @operation(
        *("Change the MQTT settings", MqttSettingsSerializer),
        body=MqttSettingsSerializer,
        raises=ONLY_WHILE_DISARMED,
    )
    @transaction.atomic
    def patch(self, request: Request, body: dict[str, Any]) -> brokers.Broker:
        MqttSettings.load()
        row = MqttSettings.objects.select_for_update().get(pk=SINGLETON_ID)
        require_disarmed()
        brokers.store(row, body)
        if body:
            detail = facts.CHANGED(fields=fields(body))
            # The announcement of this event wakes the worker, too.
            actor = actor_of(request)
            events.record(EventKind.SETTING, cause=Cause.API, actor=actor, detail=detail)
        return brokers.load()


class HomeAssistantView(View):
    """Home Assistant's account at the stack's broker."""

    permission_classes = (IsAdmin,)

    @operation(
        *("Give Home Assistant a new password", MqttLoginSerializer),
        codes={409: ("not_bundled",)},
        raises=ONLY_WHILE_DISARMED,
    )
    def post(self, request: Request) -> dict[str, str]:
        """Give Home Assistant a new password, shown once; the old one ends at once."""
        return renew(request, accounts.HOME_ASSISTANT, "Home Assistant")


class ZigbeeView(View):
    """Zigbee2MQTT's account at the stack's broker."""

    permission_classes = (IsAdmin,)

    @operation(
        *("Give Zigbee2MQTT a new password", MqttLoginSerializer),
        codes={409: ("not_bundled",)},
        raises=ONLY_WHILE_DISARMED,
    )
    def post(self, request: Request) -> dict[str, str]:
        """Give Zigbee2MQTT a new password, shown once; the old one ends at once."""
        return renew(request, accounts.ZIGBEE2MQTT, "Zigbee2MQTT")


class MqttTestView(View):
    """An attempt to connect, with the stored settings and those of the body in their place."""

    permission_classes = (IsAdmin,)

    @operation(
        *("Try to connect with these settings", MqttTestResultSerializer),
        body=MqttSettingsSerializer,
        codes={429: ("throttled",)},
    )
    def post(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        broker = brokers.load(body)
        wrong = broker.fault or attempt(broker)
        detail = wrong or f"The broker at {broker.host}:{broker.port} accepts the connection."
        return {"ok": not wrong, "detail": detail}


@transaction.atomic
def renew(request: Request, username: str, program: str) -> dict[str, str]:
    """Give a program a new password at the stack's broker, and return its login."""
    if not brokers.load().is_bundled:
        raise Problem(409, "not_bundled", "Only the stack's own broker has such an account.")
    require_disarmed()
    password = accounts.renew(username)
    detail = facts.NEW_PASSWORD(program=program)
    actor = actor_of(request)
    events.record(EventKind.SETTING, cause=Cause.API, actor=actor, detail=detail)
    return {"username": username, "password": password}


def attempt(broker: brokers.Broker) -> str:
    """Return "", or why there is no connection; limited in time and number."""
    if not _free.acquire(blocking=False):
        raise Problem(429, "throttled", "Other tests are running: try again shortly.", wait=5)
    future = _tests.submit(connection.attempt, broker)
    future.add_done_callback(lambda done: _free.release())
    try:
        return future.result(TEST_LIMIT)
    except TookTooLong:
        return f"{broker.host} was not found within {TEST_LIMIT:g} s."
