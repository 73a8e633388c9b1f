"""`manage.py set_pin`: change a code's PIN from the operator's shell, or make the first code."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from people import audit, codes, facts, lockout, prompts
from people.actors import COMMAND_LINE
from people.models import Code


class Command(BaseCommand):
    """Asks for the new PIN, or reads it from a pipe."""

    help = "Set a PIN (4 to 12 digits), asked for or read from standard input."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--label", help="of which code (default: of the first one)")

    def handle(self, *, label: str | None, **options: Any) -> None:
        pin = prompts.secret("New PIN").strip()
        try:
            self.stdout.write(set_pin(label, pin))
        except (ValueError, codes.PinTaken, codes.TooManyCodes) as error:
            raise CommandError(str(error)) from error


@transaction.atomic
def set_pin(label: str | None, pin: str) -> str:
    """Change the code's PIN, or make the code; return what was done, in words."""
    those = Code.objects.filter(label=label) if label else Code.objects.all()
    code = those.order_by("id").first()
    if code is None:
        code = codes.create(pin, label or codes.FIRST_LABEL)
        said = facts.CODE_ADDED(label=code.label)
    else:
        codes.change_pin(code, pin)
        said = facts.CODE_CHANGED(label=code.label, changes=[facts.NEW_PIN()])
    lockout.forget()
    audit.record("code", said, actor=COMMAND_LINE, cause="command")
    return said
