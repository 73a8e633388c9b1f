"""`manage.py openapi`: the API's OpenAPI document, as `/api/schema/` gives it."""

import json
from typing import Any

from django.core.management.base import BaseCommand

from config.openapi import document


class Command(BaseCommand):
    """Needs neither a server nor a database."""

    help = "Print the OpenAPI document as JSON."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        self.stdout.write(json.dumps(document(), indent=2, sort_keys=True))
