"""`manage.py seed`: demo data to try the panel with."""

import datetime as dt
import secrets
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from alarm import demo, sensors
from alarm.models import Cause, Event, Sensor
from alarm.unit_of_work import unit_of_work
from core.guard import NotDisarmed
from people import accounts, audit, codes, facts
from people.actors import COMMAND_LINE
from people.models import Code, Person, Role

BY: Final = (COMMAND_LINE, Cause.COMMAND)
PEOPLE = (("demo", "Demo", Role.ADMIN), ("robin", "Robin", Role.RESIDENT))
CODES = (("Family", 0, False), ("Cleaner", 30, False), ("Under duress", 0, True))  # days, duress


class Command(BaseCommand):
    """Adds what is not there yet, so that it may be run again. Prints each secret once."""

    help = "Add demo data: two people, codes, sensors and two weeks of history."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="in production, too")

    def handle(self, *, force: bool, **options: Any) -> None:
        if settings.PRODUCTION and not force:
            raise CommandError(
                "This is production, and demo data lets others in: add --force if you mean it."
            )
        with transaction.atomic():
            self.add_people()
            self.add_codes()
        try:
            self.add_sensors()
        except NotDisarmed as error:
            raise CommandError(str(error)) from error
        self.add_history()

    def add_people(self) -> None:
        for username, name, role in PEOPLE:
            if Person.objects.filter(username=username).exists():
                self.stdout.write(f"{username} is there already.")
                continue
            password = secrets.token_urlsafe(12)
            fields: dict[str, Any] = {"username": username, "name": name, "role": role}
            accounts.create(*BY, password=password, **fields)
            self.stdout.write(f"{username} ({role}): password {password}")

    def add_codes(self) -> None:
        for label, days, duress in CODES:
            if Code.objects.filter(label=label).exists():
                self.stdout.write(f"The code {label} is there already.")
                continue
            until = timezone.now() + dt.timedelta(days=days) if days else None
            pin = free_pin()
            codes.create(pin, label, valid_until=until, duress=duress)
            audit.record(
                "code", facts.CODE_ADDED(label=label), actor=COMMAND_LINE, cause=Cause.COMMAND
            )
            self.stdout.write(f"The code {label}: {pin}")

    def add_sensors(self) -> None:
        added = 0
        for name, kind, fields in demo.SENSORS:
            if not Sensor.objects.filter(name__iexact=name).exists():
                # Nothing reports for them: a heartbeat would run out.
                sensors.create(*BY, name=name, kind=kind.value, heartbeat=0, **fields)
                added += 1
        self.stdout.write(f"{added} sensors added.")

    def add_history(self) -> None:
        """Write the last two weeks, unless there is a history already."""
        if Event.objects.filter(at__lt=timezone.now() - dt.timedelta(days=1)).exists():
            self.stdout.write("There is a history already.")
            return
        people = list(Person.objects.filter(username__in=[username for username, *_ in PEOPLE]))
        names = [name for name, *_ in demo.SENSORS]
        found = [Sensor.objects.get(name__iexact=name) for name in names]
        for sensor, name in zip(found, names, strict=True):
            sensor.name = name
        unheard = [sensor for sensor in found if sensor.active is None]
        written = Event.objects.bulk_create(demo.Diary(people, found).write())
        with unit_of_work(Cause.COMMAND, COMMAND_LINE) as work:
            for sensor in unheard:
                sensor.active = bool(sensor.active)
                sensor.last_heard_at = sensor.last_heard_at or timezone.now()
                work.save_sensor(sensor, "active", "last_heard_at")
        self.stdout.write(f"{len(written)} events of the last {demo.DAYS} days added.")


def free_pin() -> str:
    while codes.matching(pin := f"{secrets.randbelow(10**6):06}"):
        pass
    return pin
