"""Sensors that other programs announce at the broker, and their import, for admins."""

from typing import Any

from rest_framework.request import Request

from alarm import sensors
from alarm.models import Sensor
from alarm.serializers import SensorSerializer
from core.guard import ONLY_WHILE_DISARMED
from core.views import View, operation
from integrations.mqtt import imports
from integrations.serializers import DiscoveredSensorSerializer, ImportSerializer
from people.actors import actor_of
from people.permissions import IsAdmin


class DiscoveredView(View):
    permission_classes = (IsAdmin,)

    @operation(
        *("The sensors that other programs announce at the broker", DiscoveredSensorSerializer),
        many=True,
    )
    def get(self, request: Request) -> list[imports.Offer]:
        """The sensors that can be imported come first; each is there as long as it is announced."""
        return imports.offers()


class ImportView(View):
    permission_classes = (IsAdmin,)

    @operation(
        *("Import discovered sensors", SensorSerializer),
        many=True,
        status=201,
        body=ImportSerializer,
        raises={
            **ONLY_WHILE_DISARMED,
            imports.NotDiscovered: (404, "not_found"),
            imports.CannotImport: (409, "cannot_import"),
            sensors.TooManySensors: (409, "too_many_sensors"),
        },
    )
    def post(self, request: Request, body: dict[str, Any]) -> list[Sensor]:
        """Add the chosen sensors, all or none, each with the defaults of its kind."""
        return imports.import_sensors(body["sensors"], actor_of(request))
