"""The models of persons, their sessions, PIN codes, and failed attempts."""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import connection, models
from django.db.models import Q
from django.utils import timezone
from django.utils.module_loading import import_string

from people import pins
from people.session_keys import SessionKeyField

LOCK = 5427_0001  # key of an advisory lock


def lock_people_and_codes() -> None:
    """Lock persons and codes against other transactions until this one ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


class Role(models.TextChoices):
    """A resident arms and disarms; an admin also changes the settings.

    A kiosk is a tablet on the wall, which anyone can touch: it shows the state, arms, takes PINs.
    """

    ADMIN = "admin"
    RESIDENT = "resident"
    KIOSK = "kiosk"


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, username: str, password: str, **fields: Any) -> "Person":
        """Make a person, by default a resident; what is given has been checked."""
        person = self.model(username=self.model.normalize_username(username), **fields)
        person.name = person.name or person.username
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, username: str, password: str, **fields: Any) -> "Person":
        """Make an admin, as Django's own `createsuperuser` asks for it."""
        return self.create_user(username, password, role=Role.ADMIN, **fields)

    def get_by_natural_key(self, username: str | None) -> "Person":
        """Return the person of a user name in whichever case it was typed."""
        return self.get(username=self.model.normalize_username(username or ""))


class Person(AbstractBaseUser):
    """A person who can log in. User names are in lower case: phones begin with a capital."""

    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=64)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.RESIDENT)
    is_active = models.BooleanField(default=True)
    # Of notifications; empty: the installation's (ALARM_LANGUAGE).
    language = models.CharField(max_length=8, default="", db_default="", blank=True)

    USERNAME_FIELD = "username"
    objects = PersonManager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(condition=Q(role__in=Role.values), name="known_role"),
        )

    def __str__(self) -> str:
        return self.username

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """Return a user name as it is stored: compatible forms made one, in lower case."""
        return super().normalize_username(username).lower()

    @property
    def is_admin(self) -> bool:
        return self.role == Role.ADMIN

    @property
    def is_kiosk(self) -> bool:
        return self.role == Role.KIOSK


class Session(AbstractBaseSession):
    """One browser that is logged in; its person is known, so that all of theirs can be ended."""

    session_key = SessionKeyField("session key", max_length=40, primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE, null=True)

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        return cast(type[SessionBase], import_string(f"{settings.SESSION_ENGINE}.SessionStore"))


class Authenticator(models.Model):
    """A person's authenticator app, the second factor of their logins (people/totp.py)."""

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True)
    secret = models.TextField()  # encrypted: people/totp_secrets.py
    confirmed_at = models.DateTimeField(null=True)  # not asked for before
    last_step = models.BigIntegerField(default=0)  # whose code was accepted last

    def __str__(self) -> str:
        return f"authenticator of {self.person_id}"


class RecoveryCode(models.Model):
    """A code that replaces one of the app's, once."""

    id = models.BigAutoField(primary_key=True)
    authenticator = models.ForeignKey(Authenticator, models.CASCADE, related_name="recovery_codes")
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.hash[:8]


class Code(models.Model):
    """A PIN that disarms. How the PIN itself is kept: people/pins.py."""

    class Status(models.TextChoices):
        """Whether a code disarms now, and if not, why."""

        ACTIVE = "active"
        NOT_YET = "not_yet"
        EXPIRED = "expired"
        INACTIVE = "inactive"
        UNREADABLE = "unreadable"

    label = models.CharField(max_length=64)
    # Removing a person removes the codes that the person was given.
    person = models.ForeignKey(Person, models.CASCADE, null=True, related_name="codes")
    hash = models.CharField(max_length=256, unique=True)
    # Both are empty for a code of a version without a pepper, until it is used the next time.
    index = models.CharField(max_length=64, null=True, unique=True)
    pepper = models.CharField(max_length=16, default="", db_default="")
    duress = models.BooleanField(default=False)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.label

    @property
    def status(self) -> Status:
        """Whether this code disarms at this moment; one of a deactivated person does not."""
        now = timezone.now()
        if self.pepper and self.pepper not in pins.known():
            return self.Status.UNREADABLE
        if not self.is_active or (self.person is not None and not self.person.is_active):
            return self.Status.INACTIVE
        if self.valid_from and now < self.valid_from:
            return self.Status.NOT_YET
        if self.valid_until and now >= self.valid_until:
            return self.Status.EXPIRED
        return self.Status.ACTIVE


class Attempts(models.Model):
    """The failures of one source, and the pause that they led to (people/lockout.py)."""

    source = models.CharField(max_length=64, primary_key=True)  # a digest
    failures = models.PositiveSmallIntegerField(default=0)
    counted_from = models.DateTimeField(null=True)  # the failures fade from then on
    pauses = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    last_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.source[:8]}: {self.failures} failures, {self.pauses} pauses"
