"""`manage.py alarm …`: the alarm from the operator's shell, without a PIN."""

import json
from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from alarm import sensor_reports, services
from alarm.models import Cause
from alarm.sensor_types import Mode
from alarm.serializers import AlarmSerializer
from alarm.transitions import IllegalTransition
from alarm.unit_of_work import CannotBypass
from people.actors import COMMAND_LINE

REFUSALS = (
    IllegalTransition,
    CannotBypass,
    services.NotReady,
    services.PinRequired,
    services.NothingToAcknowledge,
    sensor_reports.ReportRefused,
)


class Command(BaseCommand):
    """Prints the state as one line of JSON, after the change if one is asked for."""

    help = "Show or change the alarm; what it prints is the alarm's state afterwards."
    requires_system_checks = ()  # a second faster; the server's start has run them

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("state", help="show the state")
        for mode in Mode:
            arm = verbs.add_parser(f"arm-{mode}", help="start the exit delay")
            arm.add_argument("--bypass", nargs="+", type=int, default=(), metavar="SENSOR")
            arm.add_argument("--force", action="store_true", help="bypass what prevents it")
        verbs.add_parser("disarm", help="disarm")
        verbs.add_parser("trigger", help="sound the siren")
        verbs.add_parser("acknowledge", help="empty the memory of alarms")
        for verb, result in (("open", "opens"), ("close", "closes")):
            sensor = verbs.add_parser(verb, help=f"do what a sensor does that {result}")
            sensor.add_argument("sensor", type=int, help="its number")

    def handle(self, *, verb: str, **options: Any) -> None:
        try:
            self.verbs(options)[verb]()
        except REFUSALS as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(AlarmSerializer(services.current()).data))

    @staticmethod
    def verbs(options: dict[str, Any]) -> dict[str, Callable[[], object]]:
        by = (COMMAND_LINE, Cause.COMMAND)

        def report(active: bool) -> None:
            sensor_reports.take(options["sensor"], active, actor=COMMAND_LINE, cause=Cause.COMMAND)

        arming = {
            f"arm-{mode}": lambda mode=mode: services.arm(
                mode, *by, bypass=options["bypass"], force=options["force"]
            )
            for mode in Mode
        }
        return arming | {
            "state": services.current,
            "disarm": lambda: services.disarm(*by),
            "trigger": lambda: services.trigger(*by),
            "acknowledge": lambda: services.acknowledge(*by),
            "open": lambda: report(True),
            "close": lambda: report(False),
        }
