"""`manage.py remove_totp`: let an admin in whose phone and recovery codes are lost."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from people import lockout, totp
from people.actors import COMMAND_LINE
from people.models import Person, lock_people_and_codes


class Command(BaseCommand):
    """The password is still needed; `createadmin` gives another."""

    help = "Remove a person's authenticator app: the password alone logs in again."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="whose")

    @transaction.atomic
    def handle(self, *, username: str, **options: Any) -> None:
        lock_people_and_codes()
        person = Person.objects.filter(username=Person.normalize_username(username)).first()
        if person is None:
            raise CommandError(f"There is no person with the user name {username}.")
        if not totp.remove(person, COMMAND_LINE, cause="command"):
            raise CommandError(f"{username} has no authenticator app.")
        lockout.forget()
        self.stdout.write(f"{person.username} logs in with the password alone now.")
