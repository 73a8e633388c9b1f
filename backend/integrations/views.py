"""The MQTT integration over HTTP, for admins.

The test connects to whatever host an admin names: who may decide which broker commands the alarm
may also learn which ports of the house are open. Nothing that was received is shown.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong

from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alarm import events
from alarm.models import ONLY, Cause, EventKind
from config.problems import Problem
from integrations import serializers
from integrations.models import MqttSettings
from integrations.mqtt import broker as brokers
from integrations.mqtt import connection
from people.permissions import IsAdmin

TEST_LIMIT = 20.0  # seconds; longer than each of its steps may take, but for a frozen name server
TESTS_AT_ONCE = 2

_tests = ThreadPoolExecutor(TESTS_AT_ONCE, thread_name_prefix="mqtt test")
_free = threading.Semaphore(TESTS_AT_ONCE)


class Mqtt(APIView):
    """The broker's settings; a change is in force at once."""

    permission_classes = [IsAdmin]

    def get(self, request: Request) -> Response:
        """Answer what is in force."""
        return Response(serializers.body(brokers.load()))

    @transaction.atomic
    def patch(self, request: Request) -> Response:
        """Change some of it."""
        changes = checked(request)
        MqttSettings.load()
        row = MqttSettings.objects.select_for_update().get(pk=ONLY)
        serializers.store(row, changes)
        if changes:
            detail = f"MQTT: changed {', '.join(sorted(changes))}"
            actor = events.actor_of(request)
            # Its announcement is what the worker hears, too.
            events.record(EventKind.SETTING, cause=Cause.API, actor=actor, detail=detail)
        return Response(serializers.body(brokers.load()))


class MqttTest(APIView):
    """Tries to connect, with the stored settings and those of the body in their place."""

    permission_classes = [IsAdmin]

    def post(self, request: Request) -> Response:
        """Answer whether the broker takes the connection."""
        broker = brokers.load(checked(request))
        wrong = broker.fault or attempt(broker)
        detail = wrong or f"The broker at {broker.host}:{broker.port} takes the connection."
        return Response({"ok": not wrong, "detail": detail})


def checked(request: Request) -> dict:
    """Return the changes that a body asks for, or raise ValidationError."""
    serializer = serializers.SettingsRequest(data=request.data)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


def attempt(broker: brokers.Broker) -> str:
    """Return "" or why there is no connection; a few at once, each for a bounded time."""
    if not _free.acquire(blocking=False):
        raise Problem(429, "throttled", "Other tests are running: try again shortly.", wait=5)
    future = _tests.submit(connection.attempt, broker)
    future.add_done_callback(lambda done: _free.release())
    try:
        return future.result(TEST_LIMIT)
    except TookTooLong:
        return f"{broker.host} was not found within {TEST_LIMIT:g} s."
