"""The sensors over HTTP: their list for people, and the reports of sensors themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request

from alarm import sensor_reports, sensors
from alarm.models import Cause, Sensor
from alarm.permissions import IsSensor
from alarm.sensor_types import table
from alarm.serializers import (
    BypassSerializer,
    KindSerializer,
    NewSensorSerializer,
    ReportSerializer,
    SensorSerializer,
    SensorTokenSerializer,
    SequenceSerializer,
)
from alarm.unit_of_work import CannotBypass
from core import faults
from core.guard import ONLY_WHILE_DISARMED
from core.views import Raises, View, operation
from people.actors import Actor, actor_of
from people.permissions import IsAdmin

NAME_TAKEN: Raises = {sensors.NameTaken: (409, "name_taken")}
MISSING = {404: ("not_found",)}


@contextmanager
def invalid_if_unsuitable() -> Iterator[None]:
    """Answer 400 `invalid` for what a sensor of this kind and type cannot have."""
    try:
        yield
    except sensors.Unsuitable as error:
        raise faults.invalid(error.args[0], error.field) from error


class SensorsView(View):
    @operation("All sensors", SensorSerializer, many=True)
    def get(self, request: Request) -> QuerySet[Sensor]:
        return Sensor.objects.all()

    @operation(
        *("Add a sensor; its token is shown this once", NewSensorSerializer),
        status=201,
        body=SensorSerializer,
        permission=IsAdmin,
        raises={
            **NAME_TAKEN,
            **ONLY_WHILE_DISARMED,
            sensors.TooManySensors: (409, "too_many_sensors"),
        },
    )
    def post(self, request: Request, body: dict[str, Any]) -> Sensor:
        with invalid_if_unsuitable():
            return sensors.create(actor_of(request), Cause.API, **body)


class TypesView(View):
    @operation("The kinds and types of sensors, with defaults", KindSerializer, many=True)
    def get(self, request: Request) -> list[dict[str, object]]:
        return table()


class SensorView(View):
    permission_classes = (IsAdmin,)

    @operation(
        *("Change a sensor", SensorSerializer),
        body=SensorSerializer,
        raises={**NAME_TAKEN, **ONLY_WHILE_DISARMED},
        codes=MISSING,
    )
    def patch(self, request: Request, pk: int, body: dict[str, Any]) -> Sensor:
        with invalid_if_unsuitable():
            return sensors.change(pk, actor_of(request), Cause.API, **body)

    @operation("Remove a sensor", raises=ONLY_WHILE_DISARMED, codes=MISSING)
    def delete(self, request: Request, pk: int) -> None:
        """Remove it; its events stay."""
        sensors.remove(pk, actor_of(request), Cause.API)


class TokenView(View):
    permission_classes = (IsAdmin,)

    @operation(
        *("Give a sensor a new token", SensorTokenSerializer),
        raises=ONLY_WHILE_DISARMED,
        codes=MISSING,
    )
    def post(self, request: Request, pk: int) -> Sensor:
        """Give a sensor a new token; the old one ends at once."""
        return sensors.renew_token(pk, actor_of(request), Cause.API)


class BypassView(View):
    @operation(
        *("Bypass a sensor until the next disarming", SensorSerializer),
        body=BypassSerializer,
        raises=ONLY_WHILE_DISARMED,
        codes=MISSING,
    )
    def post(self, request: Request, pk: int, body: dict[str, Any]) -> Sensor:
        try:
            return sensors.bypass(pk, body["bypassed"], actor_of(request), Cause.API)
        except CannotBypass as error:
            raise faults.invalid(error.args[0], "bypassed") from error


class ReportView(View):
    """Reports, made by a sensor."""

    authentication_classes = ()
    permission_classes = (IsSensor,)

    @operation(
        *("Report, as a sensor", SequenceSerializer),
        status=202,
        body=ReportSerializer,
        raises={
            sensor_reports.TooManyReports: (429, "throttled"),
            sensor_reports.InTheFuture: (400, "in_the_future"),
            sensor_reports.Replayed: (409, "replayed"),
            sensor_reports.Stale: (409, "stale"),
            sensor_reports.UnknownSensor: (401, "bad_token"),  # removed a moment ago
        },
        codes=MISSING,
    )
    def post(self, request: Request, pk: int, body: dict[str, Any]) -> dict[str, int]:
        """Take a sensor's report. A refused one is recorded, but for a replay: a device that has
        missed the answer repeats itself.
        """
        name = Sensor.objects.filter(pk=pk).values_list("name", flat=True).first() or "removed"
        actor = Actor(None, "", f"sensor {name}")
        try:
            sequence = sensor_reports.take(pk, **body, actor=actor, cause=Cause.SENSOR)
        except (
            sensor_reports.Stale,
            sensor_reports.InTheFuture,
            sensor_reports.TooManyReports,
        ) as refusal:
            sensor_reports.record_refusal(
                pk, body.get("active"), refusal, actor=actor, cause=Cause.SENSOR
            )
            raise
        return {"sequence": sequence}
