"""`manage.py open_session`: a short session of an admin, for checks of a panel that is up."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from people import audit, facts, sessions
from people.actors import COMMAND_LINE
from people.models import Person, Role

LONGEST = 60  # minutes


class Command(BaseCommand):
    """Prints the session's cookie, which is as good as a password until it ends."""

    help = "Open a session as the first admin and print its cookie, NAME=VALUE."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--minutes", type=int, default=5, help=f"1 to {LONGEST} (default: 5)")

    def handle(self, *, minutes: int, **options: Any) -> None:
        if not 1 <= minutes <= LONGEST:
            raise CommandError(f"--minutes {minutes} is wrong: give a number from 1 to {LONGEST}.")
        admin = Person.objects.filter(role=Role.ADMIN, is_active=True).first()
        if admin is None:
            raise CommandError("The panel is not set up yet: open it once, or run createadmin.")
        with transaction.atomic():
            actor = COMMAND_LINE._replace(person_id=admin.pk, person_name=admin.name)
            detail = facts.SESSION_OPENED(minutes=minutes)
            audit.record("login", detail, actor=actor, cause="command")
            cookie = sessions.open_for(admin, dt.timedelta(minutes=minutes))
        self.stdout.write(f"{settings.SESSION_COOKIE_NAME}={cookie}")
