"""Arming, disarming, and the alarm's settings over HTTP."""

from typing import Any

from rest_framework.request import Request

from alarm import services
from alarm.models import Alarm, AlarmSettings, Cause
from alarm.sensor_reports import UnknownSensor
from alarm.serializers import (
    AcknowledgeSerializer,
    AlarmSerializer,
    ArmSerializer,
    DisarmSerializer,
    SettingsSerializer,
)
from alarm.transitions import DISARMED, Action, IllegalTransition, step
from alarm.unit_of_work import CannotBypass
from core import faults
from core.guard import ONLY_WHILE_DISARMED
from core.views import Raises, View, operation
from people import codes, lockout
from people.actors import actor_of
from people.models import Code
from people.permissions import IsAdmin, IsLoggedIn, person_of

ILLEGAL: Raises = {IllegalTransition: (409, "illegal_transition")}
PIN: Raises = {
    codes.WrongPin: (403, "wrong_pin"),
    lockout.LockedOut: (429, "locked_out"),
    codes.NoCode: (409, "no_pin"),
}
PIN_REQUIRED: Raises = {services.PinRequired: (403, "pin_required")}


def verified(request: Request, body: dict[str, Any]) -> Code | None:
    """Return the code whose PIN is in the body, None without one; raises as `codes.verify`."""
    if "pin" not in body:
        return None
    return codes.verify(body["pin"], source_of_pin(request), actor_of(request))


def source_of_pin(request: Request) -> str:
    """Return the source that wrong PINs of a request count for."""
    return f"person:{person_of(request).pk}"


class StateView(View):
    @operation("The alarm's state", AlarmSerializer, permission=IsLoggedIn)
    def get(self, request: Request) -> Alarm:
        return services.current()


class ArmView(View):
    @operation(
        *("Arm: the exit delay begins", AlarmSerializer),
        body=ArmSerializer,
        permission=IsLoggedIn,
        raises={**ILLEGAL, **PIN, **PIN_REQUIRED, services.NotReady: (409, "not_ready")},
        codes={429: ("throttled",)},
    )
    def post(self, request: Request, body: dict[str, Any]) -> Alarm:
        """Arm, also from one mode to another. Where less is then watched, a PIN is needed; a kiosk
        needs one to leave a sensor out.
        """
        # First: where it cannot be armed, the answer does not tell whether the PIN is right.
        step(services.current().position, Action(f"arm_{body['mode']}"))
        leaves_out = bool(body["bypass"] or body["force"])
        if leaves_out and person_of(request).is_kiosk and "pin" not in body:
            raise services.PinRequired
        code = verified(request, body)
        try:
            return services.arm(
                *(body["mode"], actor_of(request), Cause.API),
                bypass=body["bypass"],
                force=body["force"],
                code=code,
            )
        except (UnknownSensor, CannotBypass) as error:
            raise faults.invalid(error.args[0], "bypass") from error


class DisarmView(View):
    @operation(
        *("Disarm", AlarmSerializer),
        body=DisarmSerializer,
        permission=IsLoggedIn,
        raises={**PIN, **ILLEGAL},
        codes={429: ("throttled",)},
    )
    def post(self, request: Request, body: dict[str, Any]) -> Alarm:
        """Disarm, if the PIN is right. With nothing to disarm, the answer does not tell whether."""
        actor = actor_of(request)
        position = services.current().position
        try:
            code = codes.verify(
                body["pin"],
                source_of_pin(request),
                actor,
                is_needless=position == DISARMED,
            )
        except lockout.Refused:
            if position == DISARMED:
                step(position, Action.DISARM)  # raises
            raise
        return services.disarm(actor, Cause.API, code)


class AcknowledgeView(View):
    @operation(
        *("Acknowledge what has set the alarm off", AlarmSerializer),
        body=AcknowledgeSerializer,
        permission=IsLoggedIn,
        raises={
            **ILLEGAL,
            **PIN,
            **PIN_REQUIRED,
            services.NothingToAcknowledge: (409, "nothing_to_acknowledge"),
        },
        codes={429: ("throttled",)},
    )
    def post(self, request: Request, body: dict[str, Any]) -> Alarm:
        """Empty the alarm's memory. A kiosk needs a PIN."""
        if person_of(request).is_kiosk and "pin" not in body:
            raise services.PinRequired
        services.require_acknowledgeable(services.current())
        return services.acknowledge(actor_of(request), Cause.API, verified(request, body))


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
