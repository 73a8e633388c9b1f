"""PIN codes over HTTP, for admins."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from core.guard import ONLY_WHILE_DISARMED
from core.sentences import Sentence
from core.views import Raises, View, checked, operation
from people import audit, codes, facts
from people.actors import actor_of
from people.guarded import while_disarmed
from people.models import Code
from people.permissions import IsAdmin
from people.serializers import CodeSerializer

PIN_TAKEN: Raises = {codes.PinTaken: (409, "pin_taken")}
MISSING = {404: ("not_found",)}


def found(code_id: int) -> Code:
    code = Code.objects.select_related("person").filter(pk=code_id).first()
    if code is None:
        raise NotFound("There is no such code.")
    return code


def record(request: Request, detail: Sentence) -> None:
    """Record what was done with a code; residents do not see the detail."""
    audit.record("code", detail, actor=actor_of(request))


class CodesView(View):
    permission_classes = (IsAdmin,)

    @operation("All PIN codes, without their PINs", CodeSerializer, many=True)
    def get(self, request: Request) -> QuerySet[Code]:
        return Code.objects.select_related("person")

    @operation(
        *("Add a PIN code", CodeSerializer),
        status=201,
        body=CodeSerializer,
        raises={
            **PIN_TAKEN,
            **ONLY_WHILE_DISARMED,
            codes.TooManyCodes: (409, "too_many_codes"),
        },
    )
    @while_disarmed()
    def post(self, request: Request, body: dict[str, Any]) -> Code:
        code = codes.create(**body)
        record(request, facts.CODE_ADDED(label=code.label))
        return code


class CodeView(View):
    permission_classes = (IsAdmin,)

    @operation(
        *("Change a PIN code", CodeSerializer),
        body=CodeSerializer,
        loads_body=False,
        raises={**PIN_TAKEN, **ONLY_WHILE_DISARMED},
        codes=MISSING,
    )
    @while_disarmed()
    def patch(self, request: Request, code_id: int) -> Code:
        code = found(code_id)
        label = code.label
        changes = checked(CodeSerializer, request.data, code, partial=True)
        pin = changes.pop("pin", None)
        said = []
        for name, value in changes.items():
            if value != getattr(code, name):
                setattr(code, name, value)
                said.append(facts.changed_code(name, value))
        code.save()
        if pin is not None:
            codes.change_pin(code, pin)
            said.append(facts.NEW_PIN())
        if said:
            record(request, facts.CODE_CHANGED(label=label, changes=said))
        return code

    @operation("Remove a PIN code", raises=ONLY_WHILE_DISARMED, codes=MISSING)
    @while_disarmed()
    def delete(self, request: Request, code_id: int) -> None:
        code = found(code_id)
        code.delete()
        record(request, facts.CODE_REMOVED(label=code.label))
