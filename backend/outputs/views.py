"""The outputs over HTTP, for admins."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request

from core import faults
from core.guard import ONLY_WHILE_DISARMED
from core.views import Raises, View, operation
from outputs import management
from outputs.models import Output
from outputs.serializers import NewOutputSerializer, OutputPasswordSerializer, OutputSerializer
from people.actors import actor_of
from people.permissions import IsAdmin

NAME_TAKEN: Raises = {management.NameTaken: (409, "name_taken")}
MISSING = {404: ("not_found",)}


class OutputsView(View):
    permission_classes = (IsAdmin,)

    @operation("All outputs", OutputSerializer, many=True)
    def get(self, request: Request) -> QuerySet[Output]:
        return Output.objects.all()

    @operation(
        *("Add an output; the login of an MQTT output is shown this once", NewOutputSerializer),
        status=201,
        body=OutputSerializer,
        raises={
            **NAME_TAKEN,
            **ONLY_WHILE_DISARMED,
            management.TooManyOutputs: (409, "too_many_outputs"),
        },
    )
    def post(self, request: Request, body: dict[str, Any]) -> Output:
        try:
            return management.create(actor_of(request), **body)
        except management.WrongFields as error:
            raise faults.all_invalid(error.fields) from error


class OutputView(View):
    permission_classes = (IsAdmin,)

    @operation(
        *("Change an output", OutputSerializer),
        body=OutputSerializer,
        raises={**NAME_TAKEN, **ONLY_WHILE_DISARMED},
        codes=MISSING,
    )
    def patch(self, request: Request, pk: int, body: dict[str, Any]) -> Output:
        try:
            return management.change(pk, actor_of(request), **body)
        except management.WrongFields as error:
            raise faults.all_invalid(error.fields) from error

    @operation("Remove an output", raises=ONLY_WHILE_DISARMED, codes=MISSING)
    def delete(self, request: Request, pk: int) -> None:
        """Remove it; its events stay."""
        management.remove(pk, actor_of(request))


class PasswordView(View):
    permission_classes = (IsAdmin,)

    @operation(
        *("Give an MQTT output a new login", OutputPasswordSerializer),
        raises={**ONLY_WHILE_DISARMED, management.NoLogin: (409, "no_login")},
        codes=MISSING,
    )
    def post(self, request: Request, pk: int) -> Output:
        """Give an output a new password; the old one ends at once."""
        return management.renew_password(pk, actor_of(request))


class TestView(View):
    permission_classes = (IsAdmin,)

    @operation(
        *("Let an output sound for two seconds", OutputSerializer),
        status=202,
        raises={**ONLY_WHILE_DISARMED, management.Disabled: (409, "output_disabled")},
        codes=MISSING,
    )
    def post(self, request: Request, pk: int) -> Output:
        """Let it sound for two seconds. What it reports is announced through the WebSocket."""
        return management.test(pk, actor_of(request))
