"""`manage.py check_database`: whether the database that is given can be used."""

from typing import Any

from django.core.management.base import BaseCommand

from core import database_check


class Command(BaseCommand):
    """Runs at every start, before the migrations; docker/common/bin/migrate-and-exec calls it."""

    help = "Refuse an external database that the panel could not work with."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        database_check.require_fit()
