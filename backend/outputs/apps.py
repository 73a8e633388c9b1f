"""Connects the outputs to the alarm."""

from django.apps import AppConfig


class OutputsConfig(AppConfig):
    name = "outputs"

    def ready(self) -> None:
        """Let outputs sound with the alarm, in the same transaction."""
        from alarm.signals import alarm_changed, chimed  # models exist from here on
        from outputs.soundings import chime, follow  # the same

        alarm_changed.connect(follow)
        chimed.connect(chime)
