"""`manage.py verify_log`: whether the history is as it was written."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alarm import chain


class Command(BaseCommand):
    """Prints two lines; the exit status is 1 at the first event that was changed or is missing."""

    help = "Check that no event of the history was changed or removed."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        try:
            verdict = chain.check()
        except chain.Broken as broken:
            raise CommandError(
                f"✗ {broken}\n  → Compare it with a backup from before: docs/security.md"
            ) from broken
        count = verdict.last - verdict.first + 1
        numbers = f", {verdict.first} to {verdict.last}" if count else ""
        self.stdout.write(f"✓ The log is whole: {count} events{numbers}.")
        self.stdout.write(f"  Its end is {verdict.hash}")
