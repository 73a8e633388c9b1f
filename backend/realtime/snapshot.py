"""The first message on a WebSocket: the state of everything that the page shows."""

from typing import Any

from alarm import services
from alarm.models import Sensor
from alarm.serializers import AlarmStateSerializer, SensorSerializer
from integrations.models import MqttStatus
from integrations.mqtt import status
from outputs.models import Output
from outputs.serializers import ReportedOutputSerializer, as_heard


def snapshot(is_kiosk: bool = False) -> dict[str, Any]:
    """Return `sequence`, `alarm`, `sensors`, `outputs` and `integrations`.

    A kiosk sees the alarm, and of outputs whether they are on.

    The sequence is read first. A change made meanwhile is then sent again, which does no harm; the
    other way round it would be lost.
    """
    alarm = services.current()
    sensors = Sensor.objects.none() if is_kiosk else Sensor.objects.all()
    outputs = ReportedOutputSerializer(Output.objects.all(), many=True).data
    mqtt = MqttStatus() if is_kiosk else status.current()
    return {
        "sequence": alarm.sequence,
        "alarm": AlarmStateSerializer(alarm).data,
        "sensors": SensorSerializer(sensors, many=True).data,
        "outputs": [as_heard(one) for one in outputs] if is_kiosk else outputs,
        "integrations": {"mqtt": status.MqttStatusSerializer(mqtt).data},
    }
