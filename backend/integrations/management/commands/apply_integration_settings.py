"""`manage.py apply_integration_settings`: bring the database in line with the environment.

Run at every start, after the migrations; running it again changes nothing.
"""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from alarm import pins


class Command(BaseCommand):
    """Sets the initial PIN and reports what is in force; a wrong setting is one line, exit 1."""

    help = "Apply settings that live in the database, and report what is in force."

    def handle(self, **options) -> None:
        self.stdout.write(f"PIN: {initial_pin()}")
        leave, enter = settings.ALARM_EXIT_DELAY, settings.ALARM_ENTRY_DELAY
        self.stdout.write(f"Delays: {leave} s to leave, {enter} s to enter")
        self.stdout.write(f"Names accepted besides IP addresses: {', '.join(settings.ALARM_HOSTS)}")
        self.stdout.write(f"Broadcast: {'Redis' if settings.REDIS_URL else 'PostgreSQL'}")
        self.stdout.write("Integrations: none")


def initial_pin() -> str:
    """Set the PIN from ALARM_PIN where none exists, and return what was done, in words."""
    if pins.exists():
        return "already set, ALARM_PIN is not used"
    if settings.ALARM_PIN is None:
        raise CommandError(
            "No PIN is set: put 4 to 12 digits into ALARM_PIN (or a file named by ALARM_PIN_FILE)."
        )
    try:
        pins.store(settings.ALARM_PIN)
    except ValueError as error:
        raise CommandError(f"ALARM_PIN is wrong: {error} Correct it and start again.") from error
    return "set from ALARM_PIN"
