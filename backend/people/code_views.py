"""PIN codes, for admins."""

from django.db import transaction
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alarm import events
from config.problems import Problem
from people import codes
from people.models import Code, exclusively
from people.permissions import IsAdmin
from people.serializers import CodeBody

WORDS = {
    "label": "the label is now {label}",
    "person": "it belongs to {person}",
    "duress": "duress is now {duress}",
    "valid_from": "valid from {valid_from}",
    "valid_until": "valid until {valid_until}",
    "is_active": "is_active is now {is_active}",
}


def found(code_id: int) -> Code:
    """Return a code, or raise NotFound."""
    code = Code.objects.select_related("person").filter(pk=code_id).first()
    if code is None:
        raise NotFound("There is no such code.")
    return code


def tell(request: Request, detail: str) -> None:
    """Write an event of what was done with a code."""
    codes.tell(events.actor_of(request), "api", detail)


class CodesView(APIView):
    """All codes."""

    permission_classes = (IsAdmin,)

    def get(self, request: Request) -> Response:
        """List them all; there are at most 30."""
        return Response(CodeBody(Code.objects.select_related("person"), many=True).data)

    @transaction.atomic
    def post(self, request: Request) -> Response:
        """Make one."""
        body = CodeBody(data=request.data)
        body.is_valid(raise_exception=True)
        try:
            code = codes.create(**body.validated_data)
        except codes.PinTaken as error:
            raise Problem(409, "pin_taken", str(error)) from error
        except codes.TooManyCodes as error:
            raise Problem(409, "too_many_codes", str(error)) from error
        tell(request, f"{code.label} was added.")
        return Response(CodeBody(code).data, 201)


class CodeView(APIView):
    """One code."""

    permission_classes = (IsAdmin,)

    @transaction.atomic
    def patch(self, request: Request, code_id: int) -> Response:
        """Change one, its PIN too."""
        exclusively()
        code = found(code_id)
        label = code.label
        body = CodeBody(code, data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        changes = dict(body.validated_data)
        pin = changes.pop("pin", None)
        said = []
        for name, value in changes.items():
            if value != getattr(code, name):
                setattr(code, name, value)
                said.append(WORDS[name].format(**{name: "nobody" if value is None else value}))
        code.save()
        if pin is not None:
            try:
                codes.change_pin(code, pin)
            except codes.PinTaken as error:
                raise Problem(409, "pin_taken", str(error)) from error
            said.append("the PIN was changed")
        if said:
            tell(request, f"{label}: {', '.join(said)}.")
        return Response(CodeBody(code).data)

    @transaction.atomic
    def delete(self, request: Request, code_id: int) -> Response:
        """Remove one."""
        exclusively()
        code = found(code_id)
        code.delete()
        tell(request, f"{code.label} was removed.")
        return Response(status=204)
