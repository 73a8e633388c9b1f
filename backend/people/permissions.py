"""Permissions. Before the first run only that run is possible.

`codes` are the errors of a refusal, by status, `codes_of_changes` those of methods other than GET,
and `scheme` is the security scheme: the OpenAPI document reads them.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from core.problems import Problem
from people import proof
from people.models import Person


class IsSetUp(BasePermission):
    """Anyone, once there is a person."""

    scheme = ""
    codes: ClassVar[Mapping[int, tuple[str, ...]]] = {403: ("setup_required",)}
    codes_of_changes: ClassVar[Mapping[int, tuple[str, ...]]] = {}

    def has_permission(self, request: Request, view: Any) -> bool:
        if not Person.objects.exists():
            raise Problem(403, "setup_required", "The panel is not set up yet: open it once.")
        return True


class IsLoggedIn(IsSetUp):
    """A person who is logged in, or a kiosk: for what anyone in front of the panel may do."""

    scheme = "session"
    codes = {403: ("setup_required", "login_required")}

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.user, Person):
            super().has_permission(request, view)
            raise Problem(403, "login_required", "Log in first.")
        return True


class IsPerson(IsLoggedIn):
    """A person who is logged in, and no kiosk: the default."""

    codes = {403: (*IsLoggedIn.codes[403], "not_for_kiosks")}

    def has_permission(self, request: Request, view: Any) -> bool:
        super().has_permission(request, view)
        if person_of(request).is_kiosk:
            raise Problem(403, "not_for_kiosks", "The tablet on the wall cannot do this.")
        return True


class IsAdmin(IsPerson):
    """An admin; a change needs a fresh proof of who that is."""

    codes = {403: (*IsPerson.codes[403], "admin_only")}
    codes_of_changes = {403: ("proof_required",)}

    def has_permission(self, request: Request, view: Any) -> bool:
        super().has_permission(request, view)
        if not person_of(request).is_admin:
            raise Problem(403, "admin_only", "Only an admin may do this.")
        if request.method not in SAFE_METHODS:
            require_proof(request)
        return True


def require_proof(request: Request) -> None:
    """Raise 403 `proof_required` unless the person proved themselves in this session lately."""
    if not proof.is_fresh(request):
        raise Problem(403, "proof_required", "Enter your password again to make this change.")


def person_of(request: Request) -> Person:
    """Return the person who is logged in; only for views whose permission requires one."""
    return cast(Person, request.user)
