"""The model of an output: its settings, what it is to do now, and what it has reported."""

import datetime as dt
from enum import StrEnum

from django.db import models
from django.db.models.functions import Lower

from core.secrets_at_rest import Unreadable
from outputs import secret_urls


class OutputKind(StrEnum):
    MQTT = "mqtt"
    WEBHOOK = "webhook"


class Tone(StrEnum):
    BURGLARY = "burglary"
    FIRE = "fire"
    PANIC = "panic"
    CHIME = "chime"


class Method(StrEnum):
    GET = "GET"
    POST = "POST"


class Command(StrEnum):
    """What is sent to an output, and what it reports."""

    ON = "on"
    OFF = "off"


UNKNOWN = "unknown"  # nothing has been reported yet


class Fault(StrEnum):
    """Why an output does not do what it has to."""

    NO_ANSWER = "no_answer"
    NO_CONTACT = "no_contact"  # it is offline, as the broker tells by its availability topic
    NOT_CONNECTED = "not_connected"  # the panel is not connected to the broker
    UNREACHABLE = "unreachable"
    HTTP_STATUS = "http_status"  # it answers, but not with 2xx
    TLS = "tls"
    UNREADABLE = "unreadable"  # another SECRET_KEY has encrypted the addresses


class Output(models.Model):
    """One siren or relay.

    Lock the alarm's row before a row of this table. `tone`, `started_at`, `seconds` and `causes`
    are the sounding: it is over after `seconds`. `causes` are what led to it, each with its
    moment; without any, it is a chime or a test. The fields that begin with `sent` are the last
    command, with the sounding and the tone that it was for. `is_confirmed`: the output has
    reported it.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=64)
    kind = models.CharField(max_length=8)
    tones = models.JSONField(default=list)
    strobe = models.BooleanField(default=False)
    cut_off = models.PositiveIntegerField(default=180)  # seconds
    enabled = models.BooleanField(default=True)
    method = models.CharField(max_length=4, default=Method.GET.value)
    on_url = models.TextField(default="")  # encrypted, as the next
    off_url = models.TextField(default="")

    tone = models.CharField(max_length=8, default="")
    started_at = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(default=0)
    causes = models.JSONField(default=list)

    sent = models.CharField(max_length=3, default="")
    sent_at = models.DateTimeField(null=True)
    sent_for = models.DateTimeField(null=True)
    sent_tone = models.CharField(max_length=8, default="")
    attempts = models.PositiveIntegerField(default=0)
    is_confirmed = models.BooleanField(default=False)

    reported = models.CharField(max_length=7, default=UNKNOWN)
    reported_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=16, default="")

    password = ""  # of its account at the broker, on the instance that has just been given one
    mqtt: dict[str, str | None] | None = None  # on that one, too: its login and its topics

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(Lower("name"), name="output_name_is_unique"),)

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str | None:
        """The scheme, host and port of a webhook; "" where it cannot be read, None for MQTT."""
        if self.kind != OutputKind.WEBHOOK:
            return None
        try:
            return secret_urls.place(secret_urls.VAULT.decrypt(self.on_url))
        except Unreadable:
            return ""

    def is_over(self, now: dt.datetime) -> bool:
        """Whether no sounding runs, by the clock as it is set."""
        if not self.tone or self.started_at is None:
            return True
        return now >= self.started_at + dt.timedelta(seconds=self.seconds)
