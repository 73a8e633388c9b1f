"""The models of channels, browsers, settings, and the outbox."""

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import models
from django.db.models import Q
from django.utils import timezone

from alarm.models import SINGLETON_ID, SingletonModel
from notifications import facts
from notifications.words import said_in
from people.models import Person


class Channel(models.Model):
    """A service that reaches one person or several, as a URL of Apprise.

    `url` is encrypted (notifications/vaults.py): it holds passwords. `service` and `host` are what
    may be shown of it. Removing a person removes the channels that are for that person.
    """

    name = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, models.CASCADE, null=True)
    url = models.TextField()
    service = models.CharField(max_length=64)
    host = models.CharField(max_length=253, default="", blank=True)
    kinds = models.JSONField(default=list)
    escalate_after = models.PositiveIntegerField(null=True)  # seconds
    enabled = models.BooleanField(default=True)
    last_sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, default="", blank=True)  # of the last attempt

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class PushSubscription(models.Model):
    """A browser that shows notifications.

    `subscription` is its JSON, encrypted, and `fingerprint` the SHA-256 of its endpoint. `session`
    is the name of the session that it was made in: it ends with that session, unless that expires.
    """

    person = models.ForeignKey(Person, models.CASCADE)
    session = models.CharField(max_length=16, db_index=True)
    device = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64, unique=True)
    subscription = models.TextField()
    kinds = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    last_sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, default="", blank=True)  # of the last attempt

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.device


class NotificationSettings(SingletonModel):
    """The settings of an admin, and the key that push services know the panel by.

    `vapid_key` is encrypted. `late_arming_checked` is the local day of the last check.
    """

    time_zone = models.CharField(max_length=64, default="UTC")
    late_arming_at = models.TimeField(null=True)  # local time
    late_arming_checked = models.DateField(null=True)
    vapid_key = models.TextField(default="", blank=True)

    def __str__(self) -> str:
        return f"Late arming at {self.late_arming_at} ({self.time_zone})"

    @classmethod
    def load(cls) -> "NotificationSettings":
        """Return the settings, with their first values where none are stored yet."""
        return cls.objects.get_or_create(pk=SINGLETON_ID)[0]

    def local(self, moment: dt.datetime) -> dt.datetime:
        """Return a moment in the installation's time zone; in UTC where it is not known."""
        try:
            return moment.astimezone(ZoneInfo(self.time_zone))
        except ZoneInfoNotFoundError:  # zones are renamed, and an upgrade brings new ones
            return moment.astimezone(dt.UTC)


class Target(NamedTuple):
    """What a notification is for: a channel, or a browser."""

    type: str  # "channel" or "push"
    id: int
    name: str
    language: str = ""  # of its person, or the installation's


class Delivery(models.Model):
    """An entry of the outbox: a notification for one channel or one browser.

    It has no foreign keys: it is written in the transaction of an event, which a channel that is
    removed at that moment must not make fail.

    `key` is equal for notifications that may be joined, and `lines` is `[{"text", "count"}]`, one
    for each different text, in `language`. `pause` is the time until another one with this key is
    sent.
    """

    class State(models.TextChoices):
        """Waiting ones are sent; a dead one has failed too long and waits for an admin."""

        WAITING = "waiting"
        SENT = "sent"
        DEAD = "dead"

    id = models.BigAutoField(primary_key=True)
    target_type = models.CharField(max_length=8)  # "channel" or "push"
    target_id = models.BigIntegerField()
    target_name = models.CharField(max_length=300)
    language = models.CharField(max_length=8, default="", db_default="")
    kind = models.CharField(max_length=16)
    key = models.CharField(max_length=100)
    event_id = models.BigIntegerField(null=True)  # the first one
    title = models.CharField(max_length=200)
    lines = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)  # of the newest event in it
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    pause = models.PositiveIntegerField(default=0)  # seconds
    error = models.CharField(max_length=300, default="", blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("next_at",), name="delivery_waiting", condition=Q(state="waiting")
            ),
            models.Index(fields=("key", "state", "-id"), name="delivery_by_key"),
            models.Index(fields=("state", "-id"), name="delivery_by_state"),
        )

    def __str__(self) -> str:
        return f"{self.kind} for {self.target_name}: {self.state}"

    @property
    def target(self) -> Target:
        return Target(self.target_type, self.target_id, self.target_name)

    @property
    def place(self) -> tuple[str, int]:
        """The target without its name, which may change."""
        return self.target_type, self.target_id

    @property
    def body(self) -> str:
        """The lines as text, with how often each happened."""
        return "\n".join(
            line["text"] if line["count"] == 1 else said_in(self.language, facts.TIMES(**line))
            for line in self.lines
        )
