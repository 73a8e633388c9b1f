"""`manage.py apply_integration_settings`: bring the database in line with the environment.

It runs at every start, after the migrations; running it again changes nothing. config/settings.py
has checked the environment before. It does not connect: the panel starts without the broker.
"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from alarm import grants
from alarm.models import AlarmSettings
from integrations.mqtt import broker as brokers


class Command(BaseCommand):
    """Sets up the role of the serving programs, stores first values, and reports what is in force,
    without secrets.
    """

    help = "Apply settings that live in the database, and report what is in force."

    def handle(self, **options: Any) -> None:
        grants.apply()
        alarm = AlarmSettings.load()
        self.stdout.write(
            f"Delays: {delays(alarm.exit_delay)} to leave, {delays(alarm.entry_delay)} to enter;"
            f" siren {alarm.siren_duration} s; history kept {alarm.retention_days} days"
        )
        self.stdout.write(f"Names accepted besides IP addresses: {', '.join(settings.ALARM_HOSTS)}")
        self.stdout.write(f"MQTT: {mqtt(brokers.load())}")


def delays(of_modes: dict[str, int]) -> str:
    """Return the delays in words; one, if it is the same in all modes."""
    if len(set(of_modes.values())) == 1:
        return f"{next(iter(of_modes.values()))} s"
    return ", ".join(f"{seconds} s ({mode})" for mode, seconds in of_modes.items())


def mqtt(broker: brokers.Broker) -> str:
    """Return what is in force, in words, and which of it the environment has fixed."""
    if not broker.enabled:
        words = "off"
    else:
        how = " with TLS" if broker.tls else ""
        user = f" as {broker.username}" if broker.username else ""
        known = "with a password" if broker.password else "without a password"
        words = (
            f"{broker.host}:{broker.port}{how}{user}, {known};"
            f" topics {broker.base_topic}/…, discovery {broker.discovery_prefix}/…"
        )
        words += f" ({broker.fault})" if broker.fault else ""
    fixed = ", ".join(f"MQTT_{name.upper()}" for name in settings.MQTT_OVERRIDES)
    return f"{words} [set by {fixed}]" if fixed else words
