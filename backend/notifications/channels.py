"""Adding, changing and removing channels, and the settings. Each function is one transaction.

What may weaken the alarm raises NotDisarmed unless it is disarmed. The alarm's lock is taken first:
an event is written under it, and its notifications with it.
"""

from typing import Any

from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone

from alarm import changes, events
from alarm.facts import fields as fields_of
from alarm.models import Cause, EventKind
from core.guard import require_disarmed
from core.sentences import Sentence
from notifications import facts, late_arming, services
from notifications.models import Channel, NotificationSettings
from notifications.vaults import URLS
from people.actors import Actor

MOST_CHANNELS = 20


class NameTaken(Exception):
    """Another channel has this name."""


class TooManyChannels(Exception):
    """There are as many channels as there may be."""


@transaction.atomic
def create(actor: Actor, **fields: Any) -> Channel:
    """Add a channel from checked `fields`; raise NameTaken or TooManyChannels.

    This is possible in every state of the alarm: more people hear of it.
    """
    changes.locked_alarm()
    if Channel.objects.count() >= MOST_CHANNELS:
        raise TooManyChannels(f"There are {MOST_CHANNELS} channels already: remove one first.")
    channel = Channel()
    _store(channel, fields)
    _record(actor, facts.CHANNEL_ADDED(name=channel.name, service=channel.service))
    return channel


@transaction.atomic
def change(channel_id: int, actor: Actor, **fields: Any) -> Channel:
    """Change a channel; raise NameTaken, NotDisarmed or Http404. The URL is named, not shown."""
    require_disarmed()
    channel = get_object_or_404(Channel, pk=channel_id)
    name = channel.name
    changed = [key for key in fields if key == "url" or fields[key] != getattr(channel, key)]
    _store(channel, fields)
    if changed:
        _record(actor, facts.CHANNEL_CHANGED(name=name, fields=fields_of(changed)))
    return channel


@transaction.atomic
def remove(channel_id: int, actor: Actor) -> None:
    """Remove a channel; raise NotDisarmed or Http404."""
    require_disarmed()
    channel = get_object_or_404(Channel, pk=channel_id)
    channel.delete()
    _record(actor, facts.CHANNEL_REMOVED(name=channel.name))


@transaction.atomic
def change_settings(actor: Actor, **fields: Any) -> NotificationSettings:
    """Change the settings; raise NotDisarmed."""
    require_disarmed()
    row = NotificationSettings.load()
    changed = [name for name in sorted(fields) if fields[name] != getattr(row, name)]
    for name in changed:
        setattr(row, name, fields[name])
    if changed:
        # A time that is past today counts from tomorrow.
        past = late_arming.newest(row, row.local(timezone.now()))
        row.late_arming_checked = past.date() if past else None
        row.save(update_fields=[*changed, "late_arming_checked"])
        said = [facts.changed_setting(name, fields[name]) for name in changed]
        _record(actor, facts.SETTINGS_CHANGED(changes=said))
    return row


def _store(channel: Channel, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if name == "url":
            channel.service, channel.host = services.describe(value)
            channel.url, channel.error = URLS.encrypt(value), ""
        else:
            setattr(channel, name, value)
    try:
        with transaction.atomic():
            channel.save()
    except IntegrityError as error:
        raise NameTaken(f"Another channel is called {channel.name} already.") from error


def _record(actor: Actor, detail: Sentence) -> None:
    events.record(EventKind.SETTING, cause=Cause.API, actor=actor, detail=detail)
