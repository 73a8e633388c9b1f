"""Connects the accounts at the stack's broker to the tokens of sensors."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        """Give a sensor an account with its token."""
        from alarm.sensors import token_given  # models exist from here on
        from integrations.mqtt.accounts import follow_token

        token_given.connect(follow_token)
