"""The authenticator app of an admin, over HTTP."""

from typing import Any

import segno
from django.db import transaction
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from core.guard import ONLY_WHILE_DISARMED
from core.views import Raises, View, operation
from people import sessions, totp
from people.actors import actor_of
from people.guarded import while_disarmed
from people.permissions import IsAdmin, person_of
from people.totp_serializers import (
    NewTotpSerializer,
    RecoveryCodesSerializer,
    TotpCodeSerializer,
    TotpSerializer,
)

WRONG_CODE: Raises = {totp.WrongCode: (403, "wrong_totp_code")}
NOT_BEGUN: Raises = {totp.NotBegun: (409, "totp_not_begun")}
MISSING = {404: ("not_found",)}
NO_APP = "You have no authenticator app."
BORDER = 4  # modules: what the standard asks for


def qr_code(text: str) -> dict[str, Any]:
    """Return a QR code as a path of SVG, and the side of its square."""
    rows = [list(row) for row in segno.make_qr(text).matrix_iter(border=BORDER)]
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    return {"qr_size": len(rows), "qr_path": path}


class TotpView(View):
    permission_classes = (IsAdmin,)

    @operation("Whether your logins need a code of an authenticator app", TotpSerializer)
    def get(self, request: Request) -> dict[str, Any]:
        found = totp.of(person_of(request))
        return {
            "added_at": found and found.confirmed_at,
            "recovery_codes_left": found.recovery_codes.count() if found else 0,
        }

    @operation(
        *("Begin to add an authenticator app", NewTotpSerializer),
        status=201,
        raises={totp.AlreadyAdded: (409, "totp_already_added")},
    )
    @transaction.atomic
    def post(self, request: Request) -> dict[str, Any]:
        """Make a secret for the app. It is of no use before it is confirmed."""
        person = person_of(request)
        secret = totp.begin(person)
        uri = totp.uri(secret, person)
        return {"secret": secret, "uri": uri, **qr_code(uri)}

    @operation("Need no code any more", raises=ONLY_WHILE_DISARMED, codes=MISSING)
    @while_disarmed()
    def delete(self, request: Request) -> None:
        if not totp.remove(person_of(request), actor_of(request)):
            raise NotFound(NO_APP)


class TotpConfirmationView(View):
    permission_classes = (IsAdmin,)

    @operation(
        *("Need a code of the app from now on; your other sessions end", RecoveryCodesSerializer),
        body=TotpCodeSerializer,
        raises={**WRONG_CODE, **NOT_BEGUN, **ONLY_WHILE_DISARMED},
    )
    @while_disarmed()
    def post(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Confirm with a code that the app shows. The recovery codes are shown this once."""
        person = person_of(request)
        codes = totp.confirm(person, body["code"], actor_of(request))
        sessions.end_all(person.pk, except_key=request.session.session_key)
        return {"recovery_codes": codes}


class RecoveryCodesView(View):
    permission_classes = (IsAdmin,)

    @operation(
        *("Make new recovery codes; the old ones end", RecoveryCodesSerializer),
        status=201,
        raises=ONLY_WHILE_DISARMED,
        codes=MISSING,
    )
    @while_disarmed()
    def post(self, request: Request) -> dict[str, Any]:
        found = totp.of(person_of(request))
        if found is None:
            raise NotFound(NO_APP)
        return {"recovery_codes": totp.new_recovery_codes(found)}
