"""Connects the accounts at the stack's broker to the logins of sensors and outputs."""

from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        """Give a sensor an account with its token, and an output one with its password."""
        from alarm.sensors import token_given  # models exist from here on
        from integrations.mqtt import accounts
        from outputs.management import login_given, removed

        token_given.connect(accounts.follow_token)
        login_given.connect(accounts.follow_output)
        removed.connect(accounts.forget_output)
