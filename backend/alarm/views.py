"""The alarm over HTTP. Errors are raised as exceptions; `config/api.py` gives them their shape."""

from rest_framework import serializers
from rest_framework.decorators import api_view
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from alarm import pins, services
from alarm.models import Cause, Event
from alarm.transitions import Action, IllegalTransition
from config.api import Problem


class ArmRequest(serializers.Serializer):
    """The body of `POST /api/alarm/arm/`."""

    mode = serializers.ChoiceField(
        choices=["home", "away"],
        error_messages={"invalid_choice": "This is neither home nor away."},
    )


class DisarmRequest(serializers.Serializer):
    """The body of `POST /api/alarm/disarm/`."""

    pin = serializers.RegexField(
        r"\A[0-9]{4,12}\Z",
        trim_whitespace=False,
        error_messages={"invalid": "A PIN has 4 to 12 digits."},
    )


@api_view(["GET"])
def state(request: Request) -> Response:
    """Answer the alarm's state."""
    return Response(services.current())


@api_view(["POST"])
def arm(request: Request) -> Response:
    """Start to arm: the exit delay begins."""
    mode = validated(ArmRequest, request)["mode"]
    return Response(change(Action(f"arm_{mode}")))


@api_view(["POST"])
def disarm(request: Request) -> Response:
    """Disarm, if the PIN is right."""
    pin = validated(DisarmRequest, request)["pin"]
    try:
        pins.verify(pin)
    except pins.WrongPin as error:
        raise Problem(403, "wrong_pin", str(error)) from error
    except pins.NoPin as error:
        raise Problem(503, "no_pin", str(error)) from error
    except pins.LockedOut as error:
        raise Problem(429, "locked_out", str(error), wait=error.seconds) from error
    return Response(change(Action.DISARM))


def validated(serializer_class: type[serializers.Serializer], request: Request) -> dict:
    """Return the checked body of a request, or raise ValidationError."""
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return serializer.validated_data


def change(action: Action) -> dict:
    """Apply an action for a person at the panel."""
    try:
        return services.apply(action, Cause.API)
    except IllegalTransition as error:
        raise Problem(409, "illegal_transition", str(error)) from error


class EventSerializer(serializers.ModelSerializer):
    """One transition, as `GET /api/events/` gives it."""

    class Meta:
        model = Event
        fields = ("id", "at", "from_state", "to_state", "cause")


class EventPages(CursorPagination):
    """Newest first; a page stays the same while events are added before it."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200


class Events(ListAPIView):
    """Every transition there has been."""

    queryset = Event.objects.all()
    serializer_class = EventSerializer
    pagination_class = EventPages
