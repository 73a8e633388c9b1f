"""Connects the history to the events of people, and the alarm's state to what depends on it."""

from django.apps import AppConfig

from core.guard import asked
from people.audit import recorded


class AlarmConfig(AppConfig):
    name = "alarm"

    def ready(self) -> None:
        """Write what people record into the history, and answer for the state."""
        from alarm.events import record_signal  # its models exist from here on
        from alarm.guard import answer  # the same

        recorded.connect(record_signal)
        asked.connect(answer)
