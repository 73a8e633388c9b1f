"""The sensors, for people; and what sensors say of themselves."""

from django.db.models import QuerySet
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alarm import reports, sensors, services
from alarm.events import Actor, actor_of
from alarm.models import Cause, Sensor
from alarm.serializers import BypassRequest, ReportRequest, SensorRequest
from alarm.shapes import sensor_shape
from alarm.turn import CannotBypass
from alarm.views import checked
from config.problems import Problem
from people.permissions import IsAdmin, IsAdminOrReads, IsSetUp


class Sensors(APIView):
    """All sensors."""

    permission_classes = (IsAdminOrReads,)

    def get(self, request: Request) -> Response:
        """Answer every sensor."""
        return Response(services.sensors())

    def post(self, request: Request) -> Response:
        """Add a sensor; the answer holds its token, this once."""
        body = checked(SensorRequest, request)
        try:
            sensor, token = sensors.create(actor_of(request), Cause.API, **body)
        except sensors.NameTaken as error:
            raise Problem(409, "name_taken", str(error)) from error
        except sensors.TooManySensors as error:
            raise Problem(409, "too_many_sensors", str(error)) from error
        return Response({**sensor_shape(sensor), "token": token}, 201)


class OneSensor(APIView):
    """One sensor, for admins."""

    permission_classes = (IsAdmin,)

    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given."""
        body = checked(SensorRequest, request, partial=True)
        try:
            sensor = sensors.change(pk, actor_of(request), Cause.API, **body)
        except sensors.NameTaken as error:
            raise Problem(409, "name_taken", str(error)) from error
        return Response(sensor_shape(sensor))

    def delete(self, request: Request, pk: int) -> Response:
        """Remove it; its events stay."""
        sensors.remove(pk, actor_of(request), Cause.API)
        return Response(status=204)


@api_view(["POST"])
@permission_classes([IsAdmin])
def token(request: Request, pk: int) -> Response:
    """Give a sensor a new token; the old one ends at once."""
    return Response({"token": sensors.renew_token(pk, actor_of(request), Cause.API)})


@api_view(["POST"])
def bypass(request: Request, pk: int) -> Response:
    """Bypass a sensor until the next disarming, or end that."""
    bypassed = checked(BypassRequest, request)["bypassed"]
    try:
        return Response(sensor_shape(sensors.bypass(pk, bypassed, actor_of(request), Cause.API)))
    except CannotBypass as error:
        raise ValidationError({"bypassed": [str(error)]}) from error


@api_view(["POST"])
@authentication_classes([])
@permission_classes([IsSetUp])
def report(request: Request, pk: int) -> Response:
    """Take what a sensor reports. Who has no token learns not even whether there is the sensor."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not reports.has_token(pk, given.strip()):
        problem = Problem(401, "bad_token", "This is not the token of this sensor.")
        problem.auth_header = "Bearer"
        raise problem
    body = checked(ReportRequest, request)
    name = known(pk).values_list("name", flat=True).first() or "removed"
    actor = Actor(None, "", f"sensor {name}")
    try:
        return Response({"sequence": heard(pk, actor, body)}, 202)
    except reports.TooManyReports as error:
        raise Problem(429, "throttled", str(error), wait=error.seconds) from error
    except reports.InTheFuture as error:
        raise Problem(400, "in_the_future", str(error)) from error
    except reports.Replayed as error:
        raise Problem(409, "replayed", str(error)) from error
    except reports.Stale as error:
        raise Problem(409, "stale", str(error)) from error
    except reports.UnknownSensor as error:  # removed a moment ago
        raise Problem(401, "bad_token", "This is not the token of this sensor.") from error


def heard(pk: int, actor: Actor, body: dict) -> int:
    """Let the alarm hear a report and return the sequence; one that is refused is recorded.

    But not a replay: a device that has missed the answer says the same once more.
    """
    who = {"actor": actor, "cause": Cause.SENSOR}
    try:
        return services.hear_sensor(pk, **who, **body)
    except (reports.Stale, reports.InTheFuture, reports.TooManyReports) as refusal:
        reports.record_refusal(pk, body["active"], refusal, **who)
        raise


def known(pk: int) -> QuerySet[Sensor]:
    """Return the sensor of this identifier, if there is one."""
    return Sensor.objects.filter(pk=pk)
