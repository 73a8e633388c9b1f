"""`manage.py alarm …`: the alarm from the operator's shell, without a PIN."""

import json

from django.core.management.base import BaseCommand, CommandError

from alarm import services
from alarm.models import Cause
from alarm.transitions import Action, IllegalTransition


class Command(BaseCommand):
    """Prints the state as one line of JSON, after the change if one is asked for."""

    help = "Show or change the alarm: state, arm home, arm away, trigger, disarm."
    requires_system_checks = ()  # a second faster; the server's start has run them

    def add_arguments(self, parser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("state", help="show the state")
        arm = verbs.add_parser("arm", help="start the exit delay")
        arm.add_argument("mode", choices=["home", "away"])
        verbs.add_parser("trigger", help="what a sensor does: start the entry delay")
        verbs.add_parser("disarm", help="disarm")

    def handle(self, *, verb: str, mode: str | None = None, **options) -> None:
        try:
            if verb == "state":
                state = services.current()
            else:
                action = Action(f"arm_{mode}" if verb == "arm" else verb)
                state = services.apply(action, Cause.COMMAND)
        except IllegalTransition as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(state))
