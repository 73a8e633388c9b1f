"""The outbox: what is to be sent is stored with the event that it tells of, in one transaction.

Equal notifications are joined: one that happens again while the first waits adds to its text, and
one that happens again soon after it was sent waits for a pause, which doubles. So a sensor that
flaps sends a few messages, and each of them says how often. None is dropped.

The alarm's lock is held while rows are written, so two events cannot make two rows of one key.
"""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from alarm import changes, events
from alarm.models import Cause, Event, EventKind
from core.guard import require_disarmed
from notifications import facts, messages
from notifications.kinds import URGENT, Kind
from notifications.messages import Message
from notifications.models import Channel, Delivery, PushSubscription, Target
from notifications.words import language_of, said_in
from people.actors import Actor
from people.models import Role

FIRST_PAUSE, LONGEST_PAUSE = 15, 3600  # seconds; between the first two there is none
LONGEST_URGENT_PAUSE = 30  # seconds
FORGOTTEN_AFTER = 60  # seconds, or twice the pause, after which the next one is sent at once
LONGEST_TEXT = 500  # characters of a line
MOST_LINES = 10  # different texts in one message
MOST_WAITING = 2000  # rows, without urgent ones; further ones are joined by kind
ESCALATION = "escalation"  # its key

WAITING, SENT, DEAD = Delivery.State.WAITING, Delivery.State.SENT, Delivery.State.DEAD


def follow(event: Event, **_: object) -> None:
    """Receive `alarm.signals.event_written`, in the event's transaction, under the alarm's lock."""
    if event.kind == EventKind.ACKNOWLEDGED:
        Delivery.objects.filter(key=ESCALATION, state=WAITING).delete()
    elif message := messages.of_event(event):
        put(message, targets(message))


def targets(message: Message) -> list[Target]:
    """Return who is to be told: enabled channels and browsers that subscribe to the kind.

    Duress goes to the browsers of admins, and to neither a browser nor a channel of the person who
    is under duress: their phone may be in the hands of an intruder.
    """
    wanted = {"kinds__contains": [message.kind]}
    channels = enabled_channels().filter(**wanted)
    browsers = PushSubscription.objects.filter(**wanted, person__is_active=True)
    browsers = browsers.exclude(person__role=Role.KIOSK).select_related("person")
    if message.kind == Kind.DURESS:
        browsers = browsers.filter(person__role=Role.ADMIN)
        if message.person_id is not None:
            channels = channels.exclude(person=message.person_id)
            browsers = browsers.exclude(person=message.person_id)
    found = [target_of(channel) for channel in channels]
    found += [
        Target("push", row.pk, f"{row.device} ({row.person.name})"[:300], language_of(row.person))
        for row in browsers
    ]
    return found


def target_of(channel: Channel) -> Target:
    """Return a channel as a target; load its person with it."""
    return Target("channel", channel.pk, channel.name, language_of(channel.person))


def enabled_channels() -> QuerySet[Channel]:
    channels = Channel.objects.select_related("person")
    return channels.filter(Q(person=None) | Q(person__is_active=True), enabled=True)


@transaction.atomic
def put(message: Message, found: Iterable[Target]) -> None:
    """Store a notification for each target, or join it to one that waits."""
    changes.locked_alarm()
    message = _bounded(message)
    # One that the sender holds is skipped: an alarm does not wait for a worker that hangs.
    free = Delivery.objects.select_for_update(skip_locked=True)
    waiting = {row.place: row for row in free.filter(key=message.key, state=WAITING)}
    now = timezone.now()
    earlier = _sent_lately(message.key, now)
    new = []
    for target in found:
        if row := waiting.get((target.type, target.id)):
            _join(row, message, now)
        else:
            new.append(_row(target, message, now, earlier.get((target.type, target.id))))
    Delivery.objects.bulk_create(new)


def _bounded(message: Message) -> Message:
    """Return the message, with a common key where too many wait."""
    if message.kind in URGENT or Delivery.objects.filter(state=WAITING).count() < MOST_WAITING:
        return message
    return message._replace(key=f"{message.kind}:more", title=facts.MORE_TITLE)


def _sent_lately(key: str, now: dt.datetime) -> dict[tuple[str, int], Delivery]:
    """Return the newest of this key that was sent to each target."""
    since = now - dt.timedelta(seconds=2 * LONGEST_PAUSE)
    rows = Delivery.objects.filter(key=key, state=SENT, sent_at__gt=since).order_by("id")
    return {row.place: row for row in rows}


def _join(row: Delivery, message: Message, now: dt.datetime) -> None:
    # In the language that its other lines are in.
    row.lines = joined(row.lines, said_in(row.language, message.text)[:LONGEST_TEXT])
    row.last_at = now
    if message.kind in URGENT:
        row.next_at = min(row.next_at, now + dt.timedelta(seconds=LONGEST_URGENT_PAUSE))
    row.save(update_fields=["lines", "last_at", "next_at"])


def joined(lines: list[dict[str, object]], text: str, count: int = 1) -> list[dict[str, object]]:
    """Return the lines with one more; those that do not fit are counted in the last."""
    lines = [dict(line) for line in lines]
    if text not in [line["text"] for line in lines]:
        if len(lines) < MOST_LINES:
            return [*lines, {"text": text, "count": count}]
        text = str(lines[-1]["text"])
    for line in lines:
        if line["text"] == text:
            line["count"] = int(str(line["count"])) + count
    return lines


def _row(target: Target, message: Message, now: dt.datetime, last: Delivery | None) -> Delivery:
    pause, next_at = 0, now
    if last is not None and last.sent_at is not None:
        hot = dt.timedelta(seconds=max(2 * last.pause, FORGOTTEN_AFTER))
        if last.sent_at + hot > now:
            longest = LONGEST_URGENT_PAUSE if message.kind in URGENT else LONGEST_PAUSE
            pause = min(max(2 * last.pause, FIRST_PAUSE), longest)
            # Not later than that either, where the clock was set back since.
            seconds = dt.timedelta(seconds=last.pause)
            next_at = min(max(now, last.sent_at + seconds), now + seconds)
    return Delivery(
        target_type=target.type,
        target_id=target.id,
        target_name=target.name,
        kind=message.kind,
        key=message.key,
        event_id=message.event_id,
        language=target.language,
        title=said_in(target.language, message.title)[:200],
        lines=joined([], said_in(target.language, message.text)[:LONGEST_TEXT]),
        created_at=now,
        last_at=now,
        pause=pause,
        next_at=next_at,
    )


@transaction.atomic
def retry(delivery_id: int) -> Delivery:
    """Make a notification wait for an attempt now, a dead one for another full time; or Http404."""
    rows = Delivery.objects.select_for_update().exclude(state=SENT)
    row = get_object_or_404(rows, pk=delivery_id)
    now = timezone.now()
    if row.state == DEAD:
        row.created_at, row.attempts = now, 0
    row.state, row.next_at = WAITING, now
    row.save(update_fields=["state", "attempts", "next_at", "created_at"])
    return row


@transaction.atomic
def dismiss(delivery_id: int, actor: Actor) -> None:
    """Remove a notification that was not sent; raise NotDisarmed or Http404."""
    require_disarmed()
    row = get_object_or_404(Delivery.objects.exclude(state=SENT), pk=delivery_id)
    row.delete()
    if row.kind != Kind.DURESS:
        detail = facts.DISMISSED(target=row.target_name, title=row.title)
        events.record(EventKind.NOTIFICATION, cause=Cause.API, actor=actor, detail=detail)
