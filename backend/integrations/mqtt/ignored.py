"""Ignored messages: recorded, but only some in each minute."""

import logging
import time

from alarm import events
from alarm.models import Cause, EventKind
from integrations.facts import IGNORED, LAST_IGNORED
from people.actors import Actor

logger = logging.getLogger(__name__)

MQTT = Actor(None, "", "MQTT")
RECORDED = 10  # in each period, so that a flood at the broker does not fill the history
PERIOD = 60.0  # seconds


class Ignored(Exception):
    """A message is ignored; the text says why, without its payload."""


class Recorder:
    def __init__(self) -> None:
        self._since, self._count = 0.0, 0

    def note(self, reason: str) -> None:
        """Write an event; after RECORDED of them in a period only count."""
        now = time.monotonic()
        if now - self._since >= PERIOD:
            if self._count > RECORDED:
                logger.warning("%d more messages were ignored.", self._count - RECORDED)
            self._since, self._count = now, 0
        self._count += 1
        if self._count <= RECORDED:
            logger.warning("Ignored a message: %s", reason)
            template = LAST_IGNORED if self._count == RECORDED else IGNORED
            events.record(
                EventKind.INTEGRATION,
                cause=Cause.MQTT,
                actor=MQTT,
                detail=template(reason=reason),
            )
