"""What the alarm tells other apps, inside the transaction that changes it.

Receivers may write rows of their own, and nothing else: the alarm's lock is held. They write no
event and announce no change, which the sender would not know of. If one fails, it is logged, the
rows of all receivers of that signal are rolled back, and the alarm goes on without them.
"""

import logging
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.dispatch import Signal

logger = logging.getLogger(__name__)

event_written = Signal()
"""An `event: Event` was written. It is not masked: a duress code and a silent panic are in it."""

alarm_changed = Signal()
"""The state, the siren or the memory of `alarm: Alarm` has changed, at the end of the change."""

chimed = Signal()
"""A `sensor: Sensor` with a chime has opened while the alarm is disarmed."""


def tell(signal: Signal, sender: type, **values: Any) -> None:
    """Send a signal; raises only what tells of a lost database."""
    if not signal.has_listeners(sender):
        return
    try:
        with transaction.atomic():
            signal.send(sender, **values)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("What depends on the alarm failed; the alarm goes on.")
