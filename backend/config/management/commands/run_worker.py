"""`manage.py run_worker`: the alarm's timers, MQTT, notifications, outputs, and retention."""

import signal
import threading
from contextlib import ExitStack
from typing import Any

from django.core.management.base import BaseCommand

from alarm import worker
from integrations.mqtt import worker as mqtt
from integrations.mqtt.outputs import Outputs
from notifications import worker as notifications
from outputs import worker as outputs

SERVICES = (mqtt, notifications, outputs)


class Command(BaseCommand):
    """Any number of workers may run; one leads, the others wait for its end."""

    help = "Run the alarm's timers and integrations until SIGTERM."
    requires_system_checks = ()  # a second faster; the server's start has run them

    def handle(self, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        mqtt.EXTENSIONS.append(Outputs)
        worker.run(stop, worker.Integrations(start, end))


def start() -> None:
    """Start what the leading worker runs beside the timers, each in threads of its own."""
    for service in SERVICES:
        service.start()


def end() -> None:
    """Stop it, in the other order, whatever fails."""
    with ExitStack() as stack:
        for service in SERVICES:
            stack.callback(service.stop)
