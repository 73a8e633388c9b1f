"""Sensors' reports over MQTT: ON or OFF, or JSON with an identifier and a moment."""

import json
from typing import Any

from alarm import sensor_reports
from alarm.models import Cause
from alarm.serializers import ReportSerializer
from integrations.mqtt.ignored import MQTT, Ignored

LARGEST = 1024  # bytes
WORDS = {b"ON": True, b"OFF": False}


def take(sensor_id: int, payload: bytes, is_stored: bool = False) -> None:
    """Take a report, or raise Ignored, or TooManyReports: that one may be taken later.

    `is_stored`: the broker had it already. Such a report has to tell its age.
    """
    report = parse(payload)
    if is_stored and "at" not in report:
        raise Ignored(f"sensor {sensor_id}: a report that the broker has stored, without “at”.")
    try:
        sensor_reports.take(sensor_id, actor=MQTT, cause=Cause.MQTT, is_stored=is_stored, **report)
    except sensor_reports.TooManyReports:
        raise
    except sensor_reports.ReportRefused as error:
        if is_stored and isinstance(error, sensor_reports.Stale | sensor_reports.Replayed):
            return  # the usual case: it arrived before it was stored
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
