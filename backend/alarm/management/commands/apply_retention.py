"""`manage.py apply_retention`: what the worker does once a day, now."""

from typing import Any

from django.core.management.base import BaseCommand

from alarm import retention


class Command(BaseCommand):
    help = "Remove events that are older than the retention time, and sessions that have run out."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"Removed {retention.apply()} events.")
