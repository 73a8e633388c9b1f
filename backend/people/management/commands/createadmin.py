"""`manage.py createadmin`: make an admin from the operator's shell, or let one in again."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from rest_framework.exceptions import ValidationError

from core.api import sentence
from people import accounts, audit, codes, facts, lockout, prompts, totp
from people.actors import COMMAND_LINE
from people.models import Code, Person, Role
from people.serializers import UsernameField, require_good_password


class Command(BaseCommand):
    """Asks for what is not given. Where the user name exists, that person gets the password."""

    help = "Make an admin; a user name that exists gets a new password and is an admin from now on."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", help="the user name (asked for without it)")
        parser.add_argument("--name", default="", help="the name shown (default: the user name)")
        stdin: Any = {"action": "store_true"}
        parser.add_argument("--password-stdin", **stdin, help="a line of standard input has it")
        parser.add_argument("--pin-stdin", **stdin, help="the next line has a PIN for them")

    def handle(
        self,
        *,
        username: str | None,
        name: str,
        password_stdin: bool,
        pin_stdin: bool,
        **options: Any,
    ) -> None:
        try:
            username = UsernameField().run_validation(username or prompts.text("User name"))
            password = prompts.line() if password_stdin else prompts.secret("Password")
            require_good_password(password, Person(username=username, name=name))
            pin = ""
            if pin_stdin:
                pin = prompts.line()
            elif not password_stdin and not Code.objects.exists():
                pin = prompts.secret("PIN to disarm with (4 to 12 digits)")
            self.stdout.write(make(username, name, password, pin))
        except ValidationError as error:
            raise CommandError(sentence(error.detail)) from error
        except (ValueError, codes.PinTaken, codes.TooManyCodes, accounts.TooManyPeople) as error:
            raise CommandError(str(error)) from error


@transaction.atomic
def make(username: str, name: str, password: str, pin: str) -> str:
    """Make or change the person, make a code if a PIN is given; return what was done, in words."""
    person = Person.objects.filter(username=username).first()
    if person is None:
        fields = {"username": username, "name": name, "password": password, "role": Role.ADMIN}
        person = accounts.create(COMMAND_LINE, "command", **fields)
        said = f"{username} can log in as admin."
    else:
        changes = {"password": password, "role": Role.ADMIN, "is_active": True}
        accounts.change(person.pk, changes, COMMAND_LINE, None, cause="command")
        said = f"{username} is an admin and has the new password; their sessions have ended."
        if totp.is_asked(Person.objects.get(pk=person.pk)):
            said += " A code of the authenticator app is still needed: see remove_totp."
    lockout.forget()
    if pin:
        code = codes.create(pin, f"PIN of {person.name}"[:64], person=person)
        audit.record(
            "code", facts.CODE_ADDED(label=code.label), actor=COMMAND_LINE, cause="command"
        )
    return said
