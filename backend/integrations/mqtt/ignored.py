"""Messages that are not heeded: recorded, but not without bound."""

import logging
import time

from alarm import events
from alarm.events import Actor
from alarm.models import Cause, EventKind

logger = logging.getLogger(__name__)

MQTT = Actor(None, "", "MQTT")
RECORDED = 10  # in each period; whoever floods the broker does not flood the history
PERIOD = 60.0  # seconds


class Ignored(Exception):
    """A message is not heeded; the text says why, and shows nothing of its payload."""


class Recorder:
    """Records why messages were ignored."""

    def __init__(self) -> None:
        self._since, self._count = 0.0, 0

    def note(self, reason: str) -> None:
        """Write an event, or only count where there were many of late."""
        now = time.monotonic()
        if now - self._since >= PERIOD:
            if self._count > RECORDED:
                logger.warning("%d more messages were ignored.", self._count - RECORDED)
            self._since, self._count = now, 0
        self._count += 1
        if self._count <= RECORDED:
            logger.warning("Ignored a message: %s", reason)
            last = " More in this minute are not recorded." if self._count == RECORDED else ""
            events.record(
                EventKind.INTEGRATION,
                cause=Cause.MQTT,
                actor=MQTT,
                detail=f"Ignored: {reason}{last}",
            )
