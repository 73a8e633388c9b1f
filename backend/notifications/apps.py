"""Connects the outbox to the history, and subscriptions of browsers to sessions."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        """Follow each event in its transaction, and the end of each session."""
        from django.db.models.signals import post_delete

        from alarm.signals import event_written  # models exist from here on
        from notifications.browsers import follow_session
        from notifications.outbox import follow
        from people.models import Session

        event_written.connect(follow)
        post_delete.connect(follow_session, sender=Session)
