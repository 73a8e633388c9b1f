"""Carries an event from whichever process made it to the sockets of all processes."""

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction


def announce(group: str, message: dict) -> None:
    """Send `message` to `group` when the current transaction commits; from sync code only.

    Through PostgreSQL it is part of the transaction: sent if and only if that commits. Through
    Redis it follows the commit, and a process that dies in between leaves it unsent.
    """
    layer = get_channel_layer()
    if hasattr(layer, "publish"):
        layer.publish(group, message)
    else:
        # robust: the change is made, and a Redis that is away must not turn it into an error.
        transaction.on_commit(lambda: async_to_sync(layer.group_send)(group, message), robust=True)
