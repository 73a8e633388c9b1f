"""Connects the history to the events of people."""

from django.apps import AppConfig

from people.audit import recorded


class AlarmConfig(AppConfig):
    name = "alarm"

    def ready(self) -> None:
        """Write what people record into the history."""
        from alarm.events import record_signal  # its models exist from here on

        recorded.connect(record_signal)
