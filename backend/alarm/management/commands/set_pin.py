"""`manage.py set_pin`: change the PIN from the operator's shell."""

import getpass
import sys

from django.core.management.base import BaseCommand, CommandError

from alarm import pins


class Command(BaseCommand):
    """Asks for the new PIN, or reads it from a pipe: an argument would show in the process list."""

    help = "Set a new PIN (4 to 12 digits), asked for or read from standard input."

    def handle(self, **options) -> None:
        is_person = sys.stdin.isatty()
        pin = getpass.getpass("New PIN: ") if is_person else sys.stdin.readline()
        try:
            pins.store(pin.strip())
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("The PIN is set.")
