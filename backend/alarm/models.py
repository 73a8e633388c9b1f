"""What the database holds: the alarm (one row), its PIN (one row) and its history."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.utils import timezone

from alarm.transitions import Position, State

ONLY = 1  # the key of the one row in a table that has one row


class Alarm(models.Model):
    """The state of the alarm, and when a running delay ends."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    state = models.CharField(max_length=16, default=State.DISARMED)
    target = models.CharField(max_length=16, null=True)
    changed_at = models.DateTimeField(default=timezone.now)
    deadline = models.DateTimeField(null=True)
    sequence = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=ONLY), name="only_one_alarm"),)

    def __str__(self) -> str:
        return f"{self.state} ({self.sequence})"

    @property
    def position(self) -> Position:
        """The state and target as the state machine knows them."""
        return Position(State(self.state), State(self.target) if self.target else None)


class Pin(models.Model):
    """The hashed PIN, and the wrong ones entered since the last right one or lock-out."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    hash = models.CharField(max_length=256)
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=Q(id=ONLY), name="only_one_pin"),)

    def __str__(self) -> str:
        return "PIN"


class Cause(StrEnum):
    """Who or what made a transition."""

    API = "api"
    TIMER = "timer"
    COMMAND = "command"


class Event(models.Model):
    """One transition. Append-only: a trigger in the database refuses every change."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    from_state = models.CharField(max_length=16)
    to_state = models.CharField(max_length=16)
    cause = models.CharField(max_length=16)

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state} ({self.cause})"
