"""Sensors' reports over MQTT: ON or OFF, or JSON with an identifier and a moment."""

import json
from typing import Any

from alarm import sensor_reports
from alarm.models import Cause
from alarm.serializers import ReportSerializer
from integrations.mqtt.ignored import MQTT, Ignored

LARGEST = 1024  # bytes
WORDS = {b"ON": True, b"OFF": False}


def take(sensor_id: int, payload: bytes) -> None:
    try:
        sensor_reports.take(sensor_id, actor=MQTT, cause=Cause.MQTT, **parse(payload))
    except sensor_reports.ReportRefused as error:
        raise Ignored(f"sensor {sensor_id}: {error}") from error


def parse(payload: bytes) -> dict[str, Any]:
    """Return `active`, and if given `event_id` and `at`; or raise Ignored."""
    if payload in WORDS:
        return {"active": WORDS[payload]}
    if len(payload) > LARGEST:
        raise Ignored(f"a sensor's report of more than {LARGEST} bytes.")
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Ignored("a sensor's report that is neither ON, OFF nor JSON.") from error
    serializer = ReportSerializer(data=message)
    if not serializer.is_valid():
        raise Ignored('a sensor\'s report that is not like {"active": true}.')
    return dict(serializer.validated_data)
