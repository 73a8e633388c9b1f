"""Arming, disarming, and the alarm's settings over HTTP."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from alarm import services
from alarm.models import Alarm, AlarmSettings, Cause
from alarm.sensor_reports import UnknownSensor
from alarm.serializers import (
    AlarmSerializer,
    ArmSerializer,
    DisarmSerializer,
    SettingsSerializer,
)
from alarm.transitions import DISARMED, Action, IllegalTransition, step
from alarm.unit_of_work import CannotBypass
from core.guard import ONLY_WHILE_DISARMED
from core.views import Raises, View, operation
from people import codes, lockout
from people.actors import actor_of
from people.permissions import IsAdmin, IsLoggedIn, IsPerson, person_of

ILLEGAL: Raises = {IllegalTransition: (409, "illegal_transition")}


class StateView(View):
    @operation("The alarm's state", AlarmSerializer, permission=IsLoggedIn)
    def get(self, request: Request) -> Alarm:
        return services.current()


class ArmView(View):
    @operation(
        *("Arm: the exit delay begins", AlarmSerializer),
        body=ArmSerializer,
        permission=IsLoggedIn,
        raises={**ILLEGAL, services.NotReady: (409, "not_ready")},
        codes={403: ("not_for_kiosks",)},
    )
    def post(self, request: Request, body: dict[str, Any]) -> Alarm:
        if body["bypass"]:
            IsPerson().has_permission(request, self)  # a kiosk leaves no sensor out
        try:
            return services.arm(body["mode"], actor_of(request), Cause.API, body["bypass"])
        except (UnknownSensor, CannotBypass) as error:
            raise ValidationError({"bypass": [str(error)]}) from error


class DisarmView(View):
    @operation(
        *("Disarm", AlarmSerializer),
        body=DisarmSerializer,
        permission=IsLoggedIn,
        raises={
            codes.WrongPin: (403, "wrong_pin"),
            lockout.LockedOut: (429, "locked_out"),
            codes.NoCode: (409, "no_pin"),
            **ILLEGAL,
        },
        codes={429: ("throttled",)},
    )
    def post(self, request: Request, body: dict[str, Any]) -> Alarm:
        """Disarm, if the PIN is right. With nothing to disarm, the answer does not tell whether."""
        actor = actor_of(request)
        position = services.current().position
        try:
            code = codes.verify(
                body["pin"],
                f"person:{person_of(request).pk}",
                actor,
                is_needless=position == DISARMED,
            )
        except lockout.Refused:
            if position == DISARMED:
                step(position, Action.DISARM)  # raises
            raise
        return services.disarm(actor, Cause.API, code)


class SettingsView(View):
    @operation("The settings", SettingsSerializer)
    def get(self, request: Request) -> AlarmSettings:
        return AlarmSettings.load()

    @operation(
        *("Change settings", SettingsSerializer),
        body=SettingsSerializer,
        permission=IsAdmin,
        raises=ONLY_WHILE_DISARMED,
    )
    def patch(self, request: Request, body: dict[str, Any]) -> AlarmSettings:
        """Change those that are given."""
        return services.change_settings(actor_of(request), Cause.API, **body)
