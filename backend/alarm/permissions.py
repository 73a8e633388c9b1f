"""The permission of sensors."""

from typing import Any

from rest_framework.request import Request

from alarm import sensor_reports
from core.problems import Problem
from people.permissions import IsSetUp


class BadToken(Problem):
    """The token is wrong, or the sensor does not exist: the answer does not tell which."""

    auth_header = "Bearer"

    def __init__(self) -> None:
        super().__init__(401, "bad_token", "This is not the token of this sensor.")


class IsSensor(IsSetUp):
    """The sensor of the address, by its own token."""

    scheme = "sensor"
    codes = {**IsSetUp.codes, 401: ("bad_token",)}

    def has_permission(self, request: Request, view: Any) -> bool:
        super().has_permission(request, view)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise BadToken
        if not sensor_reports.has_token(view.kwargs["pk"], token.strip()):
            raise BadToken
        return True
