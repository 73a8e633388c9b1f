"""Arming, disarming, and the alarm's settings."""

from rest_framework.decorators import api_view
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alarm import preferences, services
from alarm.events import actor_of
from alarm.models import Cause
from alarm.serializers import ArmRequest, DisarmRequest, SettingsBody
from alarm.transitions import IllegalTransition
from alarm.turn import CannotBypass
from alarm.views import checked
from config.problems import Problem
from people import codes
from people.permissions import IsAdminOrReads


@api_view(["GET"])
def state(request: Request) -> Response:
    """Answer the alarm's snapshot."""
    return Response(services.current())


@api_view(["POST"])
def arm(request: Request) -> Response:
    """Start to arm: the exit delay begins."""
    body = checked(ArmRequest, request)
    try:
        return Response(services.arm(body["mode"], actor_of(request), Cause.API, body["bypass"]))
    except IllegalTransition as error:
        raise Problem(409, "illegal_transition", str(error)) from error
    except services.NotReady as error:
        raise Problem(409, "not_ready", str(error), sensors=error.sensors) from error
    except (services.UnknownSensor, CannotBypass) as error:
        raise ValidationError({"bypass": [str(error)]}) from error


@api_view(["POST"])
def disarm(request: Request) -> Response:
    """Disarm, if the PIN is right; it is judged before the state is."""
    pin = checked(DisarmRequest, request)["pin"]
    actor = actor_of(request)
    try:
        code = codes.verify(pin, f"person:{request.user.pk}", actor)
        return Response(services.disarm(actor, Cause.API, code))
    except codes.WrongPin as error:
        raise Problem(403, "wrong_pin", str(error)) from error
    except codes.ExpiredCode as error:
        raise Problem(403, "expired_code", str(error)) from error
    except codes.LockedOut as error:
        raise Problem(429, "locked_out", str(error), wait=error.seconds) from error
    except codes.NoCode as error:
        raise Problem(409, "no_pin", str(error)) from error
    except IllegalTransition as error:
        raise Problem(409, "illegal_transition", str(error)) from error


class Settings(APIView):
    """The settings: any person reads them, an admin changes them."""

    permission_classes = (IsAdminOrReads,)

    def get(self, request: Request) -> Response:
        """Answer the settings."""
        return Response(preferences.current())

    def patch(self, request: Request) -> Response:
        """Change those that are given. A delay that runs already keeps its end."""
        body = checked(SettingsBody, request, partial=True)
        return Response(preferences.change(actor_of(request), Cause.API, **body))
