"""What sensors report over MQTT: ON or OFF, or JSON with an identifier and a moment."""

import json

from alarm import services
from alarm.models import Cause
from alarm.serializers import ReportRequest
from integrations.mqtt.ignored import MQTT, Ignored

LARGEST = 1024  # bytes
WORDS = {b"ON": True, b"OFF": False}


def take(sensor_id: int, payload: bytes) -> None:
    """Let the alarm hear a report, or raise Ignored."""
    try:
        services.hear_sensor(sensor_id, actor=MQTT, cause=Cause.MQTT, **parse(payload))
    except services.ReportRefused as error:
        raise Ignored(f"sensor {sensor_id}: {error}") from error


def parse(payload: bytes) -> dict:
    """Return `active`, and if given `event_id` and `at`; or raise Ignored."""
    if payload in WORDS:
        return {"active": WORDS[payload]}
    if len(payload) > LARGEST:
        raise Ignored(f"a sensor's report of more than {LARGEST} bytes.")
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise Ignored("a sensor's report that is neither ON, OFF nor JSON.") from error
    serializer = ReportRequest(data=message)
    if not serializer.is_valid():
        raise Ignored('a sensor\'s report that is not like {"active": true}.')
    return serializer.validated_data
