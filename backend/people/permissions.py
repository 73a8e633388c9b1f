"""Who may ask for what. Before the first run nobody may ask for anything but that."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from config.problems import Problem
from people.models import Person


class IsSetUp(BasePermission):
    """Anyone, once there is a person: for addresses that know their callers by other means."""

    def has_permission(self, request: Request, view) -> bool:
        if not Person.objects.exists():
            raise Problem(403, "setup_required", "The panel is not set up yet: open it once.")
        return True


class IsPerson(IsSetUp):
    """A person who is logged in: the rule where a view names no other."""

    def has_permission(self, request: Request, view) -> bool:
        if not isinstance(request.user, Person):
            super().has_permission(request, view)
            raise Problem(403, "login_required", "Log in first.")
        return True


class IsAdmin(IsPerson):
    """An admin."""

    def has_permission(self, request: Request, view) -> bool:
        super().has_permission(request, view)
        if not request.user.is_admin:
            raise Problem(403, "admin_only", "Only an admin may do this.")
        return True


class IsAdminOrReads(IsPerson):
    """Any person reads, an admin changes."""

    def has_permission(self, request: Request, view) -> bool:
        rule = IsPerson if request.method in ("GET", "HEAD", "OPTIONS") else IsAdmin
        return rule().has_permission(request, view)
