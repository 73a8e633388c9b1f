"""`manage.py run_timers`: the worker that ends exit and entry delays when their time has come.

The deadlines are in the database, so a worker that was away catches up, and any number of workers
may run: an advisory lock and the alarm's row lock let one of them act.
"""

import logging
import signal
import threading

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from alarm import services

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 1.0  # seconds; a delay begun in another process is noticed within this


class Command(BaseCommand):
    """Looks every second at the latest, and exactly at a deadline that it knows."""

    help = "Run the alarm's timers until SIGTERM."
    requires_system_checks = ()

    def handle(self, **options) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        run(stop)


def run(stop: threading.Event) -> None:
    """Work until `stop` is set, through any failure of the database."""
    logger.info("Timers are running.")
    is_connected = True
    while not stop.is_set():
        try:
            pause = tick()
            if not is_connected:
                logger.info("The database is back; timers go on.")
                is_connected = True
        except (DatabaseError, InterfaceError) as error:
            if is_connected:
                logger.error("Timers wait for the database: %s", error)
                is_connected = False
            connection.close()
            pause = LONGEST_PAUSE
        stop.wait(pause)
    connection.close()
    logger.info("Timers have stopped.")


def tick() -> float:
    """Fire what is due; return the seconds until there is reason to look again."""
    deadline = services.next_deadline()
    if deadline is None:
        return LONGEST_PAUSE
    remaining = (deadline - timezone.now()).total_seconds()
    if remaining > 0:
        return min(remaining, LONGEST_PAUSE)
    if services.fire_due() is None:
        return LONGEST_PAUSE / 10  # another worker is at it, or the alarm was disarmed just now
    return 0
