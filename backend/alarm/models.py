"""The models of the alarm: state, settings, sensors, history, changes and worker."""

import datetime as dt
from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from alarm.sensor_types import HEARTBEAT, Mode, Trouble, Type
from alarm.transitions import Position, State

SINGLETON_ID = 1  # the key of the one row in a table that has one row


class SingletonModel(models.Model):
    """A table with one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLETON_ID)

    class Meta:
        abstract = True
        constraints = (
            models.CheckConstraint(condition=Q(id=SINGLETON_ID), name="only_one_%(class)s"),
        )


class Alarm(SingletonModel):
    """The state of the alarm, and when a running delay ends.

    Its row is the lock: every change holds it until its transaction ends.
    `triggered_by` is a list of `{"id", "name", "kind"}`, and `memory` of the same with `at`: what
    set the alarm off until a person has acknowledged it. `not_ready` has a list of `{"id", "name",
    "reasons"}` for each mode, and `trouble` is a list of `{"id", "name", "trouble"}`: kept up to
    date so that reading the alarm reads one row. `siren`: it is to sound now.
    """

    state = models.CharField(max_length=16, default=State.DISARMED)
    target = models.CharField(max_length=16, null=True)
    changed_at = models.DateTimeField(default=timezone.now)
    deadline = models.DateTimeField(null=True)
    delay_began_at = models.DateTimeField(null=True)  # the delay that ends at the deadline
    sequence = models.PositiveBigIntegerField(default=0)
    triggered_by = models.JSONField(default=list)
    not_ready = models.JSONField(default=dict)
    siren = models.BooleanField(default=False)
    memory = models.JSONField(default=list)
    trouble = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.state} ({self.sequence})"

    @property
    def position(self) -> Position:
        """The state and target as the state machine knows them."""
        return Position(State(self.state), State(self.target) if self.target else None)


class AlarmSettings(SingletonModel):
    """The settings of an admin; the first values come from the environment."""

    exit_delay = models.JSONField()  # seconds, by mode
    entry_delay = models.JSONField()  # seconds, by mode
    siren_duration = models.PositiveIntegerField()  # seconds
    retention_days = models.PositiveIntegerField()

    def __str__(self) -> str:
        return "Settings"

    @classmethod
    def load(cls) -> "AlarmSettings":
        """Return the settings, from the environment where none are stored yet."""
        first = {
            "exit_delay": dict.fromkeys(map(str, Mode), settings.ALARM_EXIT_DELAY),
            "entry_delay": dict.fromkeys(map(str, Mode), settings.ALARM_ENTRY_DELAY),
            "siren_duration": settings.ALARM_SIREN_DURATION,
            "retention_days": settings.ALARM_RETENTION_DAYS,
        }
        return cls.objects.get_or_create(pk=SINGLETON_ID, defaults=first)[0]


class Sensor(models.Model):
    """One sensor. Of its token only the SHA-256 is kept: 256 random bits need no slower hash."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    type = models.CharField(max_length=16)
    modes = models.JSONField(default=list)
    entry_delay = models.PositiveIntegerField(null=True)  # seconds; None: the mode's
    final_door = models.BooleanField(default=False)  # closing it ends the exit delay
    chime = models.BooleanField(default=False)
    heartbeat = models.PositiveIntegerField(null=True)  # seconds; None: its kind's; 0: none
    bypassed = models.BooleanField(default=False)
    active = models.BooleanField(null=True)  # None: has never reported
    battery_low = models.BooleanField(default=False)
    tampered = models.BooleanField(default=False)
    no_contact = models.BooleanField(default=False)  # stored when its heartbeat runs out
    created_at = models.DateTimeField(default=timezone.now)
    last_heard_at = models.DateTimeField(null=True)  # by our clock
    newest_at = models.DateTimeField(null=True)  # of its reports, by its clock
    token_hash = models.CharField(max_length=64, default="")
    window_started_at = models.DateTimeField(default=timezone.now)
    reports_in_window = models.PositiveIntegerField(default=0)

    token = ""  # in plain text, on the instance that has just been given one
    mqtt: dict[str, str] | None = None  # on that one, too: its login at the stack's broker

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(Lower("name"), name="sensor_name_is_unique"),)

    def __str__(self) -> str:
        return self.name

    @property
    def no_contact_from(self) -> dt.datetime | None:
        """When its heartbeat runs out, unless it reports before; None if it has none."""
        seconds = HEARTBEAT if self.heartbeat is None else self.heartbeat
        since = self.last_heard_at or self.created_at
        return since + dt.timedelta(seconds=seconds) if seconds else None

    @property
    def shown_active(self) -> bool | None:
        """What may be shown of `active`: an intruder may look on while a silent panic is raised."""
        return self.active and self.type != Type.SILENT_PANIC

    @property
    def trouble(self) -> list[Trouble]:
        """What is wrong with it now."""
        found = {
            Trouble.NO_CONTACT: self.no_contact,
            Trouble.LOW_BATTERY: self.battery_low,
            Trouble.TAMPER: self.tampered,
            Trouble.ENVIRONMENTAL: self.active and self.type == Type.ENVIRONMENTAL,
        }
        return [trouble for trouble, is_so in found.items() if is_so]


class Report(models.Model):
    """The identifier of a sensor's report: a second report with it is a replay."""

    id = models.BigAutoField(primary_key=True)
    sensor = models.ForeignKey(Sensor, models.CASCADE, db_index=False)  # the constraint indexes it
    event_id = models.CharField(max_length=64)
    heard_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("sensor", "event_id"), name="report_is_no_replay"),
        )

    def __str__(self) -> str:
        return self.event_id


class Change(models.Model):
    """One numbered change, as the sockets send it; only the newest are kept.

    `masked` is sent to residents instead, if it differs.
    """

    sequence = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField(default=timezone.now)
    topic = models.CharField(max_length=16)
    data = models.JSONField()
    masked = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.sequence} {self.topic}"


class Worker(SingletonModel):
    """When the leading worker last removed old history. `alarm/leader.py` tells which one leads."""

    retention_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Retention at {self.retention_at}"


class Cause(StrEnum):
    API = "api"
    SENSOR = "sensor"
    TIMER = "timer"
    MQTT = "mqtt"
    COMMAND = "command"


class EventKind(StrEnum):
    TRANSITION = "transition"
    SENSOR = "sensor"
    BYPASS = "bypass"
    CODE = "code"
    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    WRONG_PIN = "wrong_pin"
    LOCKOUT = "lockout"
    DURESS = "duress"
    SILENT_PANIC = "silent_panic"
    TROUBLE = "trouble"
    ACKNOWLEDGED = "acknowledged"
    PERSON = "person"
    SETTING = "setting"
    INTEGRATION = "integration"
    NOTIFICATION = "notification"
    OUTPUT = "output"


class Event(models.Model):
    """An event. Append-only: the role of the serving programs may not change one, and a trigger
    refuses every change but the removal of old rows.

    Persons and sensors are stored by the name that they had. A row outlives them, so it has no
    foreign keys. `facts` are what `detail` was composed of, as JSON: pages in other languages
    compose it anew. Events of older versions have none. The database sets `sequence` and `hash`:
    `alarm/chain.py`.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=16, default=EventKind.TRANSITION.value)
    from_state = models.CharField(max_length=16, default="")
    to_state = models.CharField(max_length=16, default="")
    cause = models.CharField(max_length=16)
    person_id = models.BigIntegerField(null=True)
    person_name = models.CharField(max_length=150, default="")
    sensor_id = models.BigIntegerField(null=True)
    sensor_name = models.CharField(max_length=64, default="")
    source = models.CharField(max_length=200, default="")
    detail = models.CharField(max_length=500, default="")
    facts = models.TextField(default="", db_default="")
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")

    class Meta:
        ordering = ("-at", "-id")
        constraints = (
            models.UniqueConstraint(fields=("sequence",), name="event_sequence_is_unique"),
        )
        indexes = (
            models.Index(fields=("-at", "-id"), name="event_by_time"),
            models.Index(fields=("kind", "-at", "-id"), name="event_by_kind"),
            models.Index(
                fields=("sensor_id", "-at", "-id"),
                name="event_by_sensor",
                condition=Q(sensor_id__isnull=False),
            ),
            models.Index(
                fields=("person_id", "-at", "-id"),
                name="event_by_person",
                condition=Q(person_id__isnull=False),
            ),
        )

    @property
    def person(self) -> dict[str, object] | None:
        """The person as `{"id", "name"}`, or None."""
        return None if self.person_id is None else {"id": self.person_id, "name": self.person_name}

    @property
    def sensor(self) -> dict[str, object] | None:
        """The sensor as `{"id", "name"}`, or None."""
        return None if self.sensor_id is None else {"id": self.sensor_id, "name": self.sensor_name}

    def __str__(self) -> str:
        return f"{self.at} {self.kind} {self.from_state} → {self.to_state} ({self.cause})"


class EventChain(SingletonModel):
    """The ends of the chain of events, written by the database alone.

    The anchor is the last event that was removed; the other two fields are of the newest event.
    """

    BEGINNING = "0" * 64

    id = models.PositiveSmallIntegerField(primary_key=True, default=SINGLETON_ID, db_default=1)
    anchor_sequence = models.BigIntegerField(db_default=0)
    anchor_hash = models.CharField(max_length=64, db_default=BEGINNING)
    sequence = models.BigIntegerField(db_default=0)
    hash = models.CharField(max_length=64, db_default=BEGINNING)

    def __str__(self) -> str:
        return f"{self.anchor_sequence + 1} to {self.sequence}"
