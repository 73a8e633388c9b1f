"""Publishes what happens, once each, for Home Assistant's `event` entity.

Neither the use of a code nor a silent panic: an intruder may look on.
"""

import datetime as dt
import json
from typing import Any

from django.utils import timezone

from alarm.facts import TROUBLE_WORDS, WORDS
from alarm.models import Event, EventKind
from integrations.mqtt.connection import Connection
from integrations.mqtt.extension import Extension

LATE = dt.timedelta(minutes=5)  # an older event is history, and starts no automation
# The words of sensors are those of environmental ones, whose opening is a trouble.
ENDED = {ends for _begins, ends in (*TROUBLE_WORDS.values(), *WORDS.values())}


class Announcer(Extension):
    """Reads the history from where it was; what happens while the broker is away is kept."""

    def __init__(self) -> None:
        self._last: int | None = None  # the id of the newest event that is published or left out

    def step(self, link: Connection) -> None:
        newest = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
        if self._last is None:
            self._last = newest  # those before are of an earlier bridge
        if newest == self._last:
            return
        since = timezone.now() - LATE
        for event in Event.objects.filter(id__gt=self._last, at__gt=since).order_by("id"):
            if message := message_of(event):
                link.publish(link.broker.topics.event, json.dumps(message), retain=False)
            self._last = event.pk
        self._last = max(self._last, newest)


def message_of(event: Event) -> dict[str, Any] | None:
    """Return an event as it is published, or None: it is not for all."""
    match event.kind:
        case EventKind.TRANSITION if event.from_state != event.to_state or event.sensor_id:
            state, _, mode = event.to_state.partition("_")
            found = {"event_type": state, "mode": mode or None}
        case EventKind.TROUBLE:
            is_over = event.detail in ENDED
            found = {"event_type": "trouble_ended" if is_over else "trouble"}
        case EventKind.ACKNOWLEDGED:
            found = {"event_type": "acknowledged"}
        case _:
            return None
    by = event.person_name or event.source
    more = {"by": by or None, "sensor": event.sensor_name or None, "detail": event.detail or None}
    return {**found, **more, "at": event.at.isoformat()}
