"""Changes of persons, codes and sessions that are possible only while the alarm is disarmed."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from core.guard import require_disarmed
from people.models import lock_people_and_codes


@contextmanager
def while_disarmed() -> Iterator[None]:
    """Lock persons and codes, and the alarm's state; raise NotDisarmed. Also a decorator."""
    with transaction.atomic():
        lock_people_and_codes()
        require_disarmed()
        yield
