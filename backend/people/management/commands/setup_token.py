"""`manage.py setup_token`: what production's first visit asks for."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from people import setup_token
from people.models import Person


class Command(BaseCommand):
    """Prints the token alone, for scripts too."""

    help = "Print the token for the first visit; it is accepted for one to two hours."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        if Person.objects.exists():
            raise CommandError(
                "The panel is set up already: log in. A lost password is replaced by createadmin."
            )
        if not settings.SETUP_NEEDS_TOKEN:
            raise CommandError("Only production asks for a setup token: open the panel.")
        self.stdout.write(setup_token.current())
