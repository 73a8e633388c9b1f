"""`manage.py open_session`: a short session of an admin, for checks of a panel that is up."""

import datetime as dt

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from alarm import events
from people import sessions
from people.models import Person, Role

LONGEST = 60  # minutes


class Command(BaseCommand):
    """Prints the value of the session's cookie, which is as good as a password until it ends."""

    help = "Open a session as the first admin and print the value of its cookie."
    requires_system_checks = ()

    def add_arguments(self, parser) -> None:
        parser.add_argument("--minutes", type=int, default=5, help=f"1 to {LONGEST} (default: 5)")

    def handle(self, *, minutes, **options) -> None:
        if not 1 <= minutes <= LONGEST:
            raise CommandError(f"--minutes {minutes} is wrong: give a number from 1 to {LONGEST}.")
        admin = Person.objects.filter(role=Role.ADMIN, is_active=True).first()
        if admin is None:
            raise CommandError("The panel is not set up yet: open it once, or run createadmin.")
        with transaction.atomic():
            actor = events.Actor(admin.pk, admin.name, "command line")
            detail = f"A session of {minutes} min was opened."
            events.record("login", cause="command", actor=actor, detail=detail)
            cookie = sessions.open_for(admin, dt.timedelta(minutes=minutes))
        self.stdout.write(cookie)
