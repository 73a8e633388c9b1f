"""The outbox's state machine: which notification is due, and what an attempt's result changes.

A notification is marked before it is sent: a worker that dies while it sends leaves it waiting, and
it is sent again when the mark is old. So it is sent at least once, and by one worker at a time.
"""

import datetime as dt
import random

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from alarm import changes, events
from alarm.models import Cause, EventKind
from core.sentences import Sentence
from notifications import facts, outbox
from notifications.attempts import LIMIT, Result
from notifications.failures import Gone, Refused
from notifications.kinds import URGENT, Kind
from notifications.messages import Message
from notifications.models import Channel, Delivery, PushSubscription
from notifications.outbox import DEAD, SENT, WAITING

LEASE = dt.timedelta(seconds=LIMIT + 5)
FIRST_BACKOFF, LONGEST_BACKOFF, LONGEST_URGENT_BACKOFF = 2.0, 900.0, 300.0  # seconds
# Both: a clock that is set forward makes nothing dead.
DEAD_AFTER, FEWEST_ATTEMPTS = dt.timedelta(hours=24), 10
FARTHEST = dt.timedelta(seconds=2 * outbox.LONGEST_PAUSE)
FARTHEST_URGENT = dt.timedelta(seconds=LONGEST_URGENT_BACKOFF)
"""An attempt that is due later than that was planned before the clock was set back."""

SENT_KEPT, DEAD_KEPT = dt.timedelta(days=1), dt.timedelta(days=30)
MOST_DEAD = 1000
STEP = 1000  # rows removed at once
UNDELIVERED = "undelivered"  # the key's beginning of what tells of a dead one


def due() -> list[Delivery]:
    """Return the next notification of each target that has one which is due, urgent ones first."""
    now = timezone.now()
    rows = Delivery.objects.filter(_is_due(now), state=WAITING)
    # "alarm" and "duress" have to come first; `True` sorts after `False`.
    rows = rows.annotate(is_other=~Q(kind__in=URGENT))
    target = ("target_type", "target_id")
    found = rows.order_by(*target, "is_other", "next_at").distinct(*target)
    return sorted(found, key=lambda row: (row.kind not in URGENT, row.next_at))


@transaction.atomic
def claim(delivery_id: int) -> Delivery | None:
    """Mark a notification as being sent and return it; None if it is not due any more."""
    now = timezone.now()
    rows = Delivery.objects.select_for_update().filter(pk=delivery_id, state=WAITING)
    row = rows.filter(_is_due(now)).first()
    if row is not None:
        row.attempts += 1
        row.next_at = now + LEASE
        row.save(update_fields=["attempts", "next_at"])
    return row


def _is_due(now: dt.datetime) -> Q:
    """Return the condition that the next attempt is due, by the clock as it is set."""
    is_urgent = Q(kind__in=URGENT)
    return (
        Q(next_at__lte=now)
        | Q(next_at__gt=now + FARTHEST)
        | (is_urgent & Q(next_at__gt=now + FARTHEST_URGENT))
    )


def release(row: Delivery) -> None:
    """Let the next worker send at once what this one may not have sent."""
    Delivery.objects.filter(pk=row.pk, state=WAITING).update(next_at=timezone.now())


def drop(row: Delivery) -> None:
    """Remove a notification whose target does not want it any more."""
    Delivery.objects.filter(pk=row.pk).delete()


def finish(seen: Delivery, result: Result) -> None:
    """Store the result of an attempt to send the notification as it was `seen`."""
    if result is None:
        _sent(seen)
    elif isinstance(result, Gone):
        _gone(seen)
    elif isinstance(result, Refused) or _is_out_of_time(seen):
        _dead(seen, result.sentence)
    else:
        _failed(seen, result.sentence)
    _show(seen, "" if result is None else str(result))


@transaction.atomic
def _sent(seen: Delivery) -> None:
    row = Delivery.objects.select_for_update().filter(pk=seen.pk).first()
    now = timezone.now()
    if row is not None:
        rest = _rest(row, seen)
        row.state, row.sent_at, row.error = SENT, now, ""
        row.lines = seen.lines
        row.save(update_fields=["state", "sent_at", "error", "lines"])
        if rest is not None:
            rest.next_at = now + dt.timedelta(seconds=row.pause)
            rest.save()
    # The target works again: what failed before is tried now.
    _waiting_like(seen).filter(attempts__gt=0).update(next_at=now)


def _rest(row: Delivery, seen: Delivery) -> Delivery | None:
    """Return a notification of what was joined while the row was being sent, if anything."""
    sent = {line["text"]: line["count"] for line in seen.lines}
    lines = [
        {"text": line["text"], "count": line["count"] - sent.get(line["text"], 0)}
        for line in row.lines
        if line["count"] > sent.get(line["text"], 0)
    ]
    if not lines:
        return None
    longest = outbox.LONGEST_URGENT_PAUSE if row.kind in URGENT else outbox.LONGEST_PAUSE
    fields = (
        *("target_type", "target_id", "target_name", "language"),
        *("kind", "key", "event_id", "title"),
    )
    return Delivery(
        **{name: getattr(row, name) for name in fields},
        lines=lines,
        last_at=row.last_at,
        pause=min(max(2 * row.pause, outbox.FIRST_PAUSE), longest),
    )


@transaction.atomic
def _failed(seen: Delivery, reason: str) -> None:
    next_at = timezone.now() + backoff(seen)
    rows = Delivery.objects.filter(pk=seen.pk, state=WAITING)
    rows.update(next_at=next_at, error=reason[:300])
    # The others need not find out the same; an urgent one is tried.
    others = _waiting_like(seen).exclude(kind__in=URGENT).filter(next_at__lt=next_at)
    others.update(next_at=next_at)


def backoff(row: Delivery) -> dt.timedelta:
    """Return the time until the next attempt: random, so that not all come at the same moment."""
    longest = LONGEST_URGENT_BACKOFF if row.kind in URGENT else LONGEST_BACKOFF
    seconds = min(FIRST_BACKOFF * 2 ** min(row.attempts - 1, 20), longest)
    return dt.timedelta(seconds=seconds * random.uniform(0.5, 1.0))


def _is_out_of_time(row: Delivery) -> bool:
    return row.attempts >= FEWEST_ATTEMPTS and timezone.now() - row.created_at > DEAD_AFTER


@transaction.atomic
def _dead(seen: Delivery, reason: Sentence) -> None:
    """End the attempts, and tell the other targets; but of duress nothing is shown."""
    changes.locked_alarm()  # before the rows of the outbox
    rows = Delivery.objects.filter(pk=seen.pk, state=WAITING)
    is_new = rows.update(state=DEAD, error=reason[:300])
    if is_new and seen.kind != Kind.DURESS and not seen.key.startswith(UNDELIVERED):
        text = facts.NOT_SENT(target=seen.target_name, reason=reason)
        _record(text)
        key = f"{UNDELIVERED}:{seen.target_type}:{seen.target_id}"
        message = Message(Kind.TROUBLE, key, facts.FAILURE_TITLE, text)
        others = [one for one in outbox.targets(message) if (one.type, one.id) != seen.place]
        outbox.put(message, others)


@transaction.atomic
def _gone(seen: Delivery) -> None:
    changes.locked_alarm()  # before the rows of the outbox
    Delivery.objects.filter(
        target_type=seen.target_type, target_id=seen.target_id, state=WAITING
    ).delete()
    if PushSubscription.objects.filter(pk=seen.target_id).delete()[0]:
        _record(facts.SUBSCRIPTION_ENDED(target=seen.target_name))


def _record(detail: Sentence) -> None:
    events.record(EventKind.NOTIFICATION, cause=Cause.TIMER, actor=events.TIMER, detail=detail)


def _show(seen: Delivery, error: str) -> None:
    """Store how the last attempt went, for the list of channels and of browsers."""
    model = Channel if seen.target_type == "channel" else PushSubscription
    sent = {} if error else {"last_sent_at": timezone.now()}
    model.objects.filter(pk=seen.target_id).update(error=error[:300], **sent)


def _waiting_like(seen: Delivery) -> QuerySet[Delivery]:
    """Return the other waiting ones of the same target."""
    rows = Delivery.objects.filter(target_type=seen.target_type, target_id=seen.target_id)
    return rows.filter(state=WAITING).exclude(pk=seen.pk)


def remove_old() -> None:
    """Remove sent and dead ones that are old, some at a time, and dead ones that are too many."""
    now = timezone.now()
    old = Q(state=SENT, sent_at__lt=now - SENT_KEPT) | Q(state=DEAD, last_at__lt=now - DEAD_KEPT)
    _remove(Delivery.objects.filter(old).order_by("id")[:STEP])
    _remove(Delivery.objects.filter(state=DEAD).order_by("-id")[MOST_DEAD : MOST_DEAD + STEP])


def _remove(rows: QuerySet[Delivery]) -> None:
    Delivery.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()
