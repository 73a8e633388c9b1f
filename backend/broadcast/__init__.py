"""Carries an event from the process that made it to the WebSockets of all processes."""

from typing import Any

from broadcast.postgres import PostgresChannelLayer, channel_layer

__all__ = ["PostgresChannelLayer", "announce", "channel_layer"]


def announce(group: str, message: dict[str, Any]) -> None:
    """Send `message` to `group` if and when the current transaction commits; from sync code."""
    channel_layer().publish(group, message)
