"""Tells again of an alarm that is not acknowledged, to the channels that want it."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from alarm import changes, services
from notifications import facts, outbox
from notifications.kinds import Kind
from notifications.messages import Message
from notifications.models import Channel, Delivery, Target

ENDS_AFTER = dt.timedelta(hours=24)
"""After the newest trigger in the memory. The residents may be away for weeks."""


def tell_if_due() -> None:
    """Write a notification for each channel whose time has passed since it was told."""
    if services.current().memory and any(_due(services.current().memory, timezone.now())):
        with transaction.atomic():
            # Under the alarm's lock it may be acknowledged already.
            memory, now = changes.locked_alarm().memory, timezone.now()
            outbox.put(_message(memory), [_target(channel) for channel in _due(memory, now)])


def _due(memory: list[dict[str, Any]], now: dt.datetime) -> list[Channel]:
    """Return the channels that are to be told again; a clock that was set back tells early."""
    moments = [moment for entry in memory if (moment := parse_datetime(entry["at"]))]
    if not moments or abs(now - max(moments)) > ENDS_AFTER:
        return []
    channels = list(outbox.enabled_channels().filter(escalate_after__isnull=False))
    told = Delivery.objects.filter(kind=Kind.ALARM, target_type="channel").order_by()
    last = dict(told.values_list("target_id").annotate(Max("created_at")))
    waiting = told.filter(key=outbox.ESCALATION, state=Delivery.State.WAITING)
    busy = set(waiting.values_list("target_id", flat=True))
    return [
        channel
        for channel in channels
        if channel.pk not in busy
        and abs(now - max(min(moments), last.get(channel.pk, min(moments))))
        >= dt.timedelta(seconds=channel.escalate_after or 0)
    ]


def _message(memory: list[dict[str, Any]]) -> Message:
    names = list(dict.fromkeys(str(entry["name"]) for entry in memory))
    text = facts.ESCALATION(names=names)
    return Message(Kind.ALARM, outbox.ESCALATION, facts.ESCALATION_TITLE, text)


def _target(channel: Channel) -> Target:
    return outbox.target_of(channel)
