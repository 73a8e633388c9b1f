"""The first message on a WebSocket: the state of everything that the page shows."""

from typing import Any

from alarm import services
from alarm.models import Sensor
from alarm.serializers import AlarmStateSerializer, SensorSerializer
from integrations.mqtt import status


def snapshot() -> dict[str, Any]:
    """Return `sequence`, `alarm`, `sensors` and `integrations`.

    The sequence is read first. A change made meanwhile is then sent again, which does no harm; the
    other way round it would be lost.
    """
    alarm = services.current()
    return {
        "sequence": alarm.sequence,
        "alarm": AlarmStateSerializer(alarm).data,
        "sensors": SensorSerializer(Sensor.objects.all(), many=True).data,
        "integrations": {"mqtt": status.MqttStatusSerializer(status.current()).data},
    }
