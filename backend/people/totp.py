"""The second factor of admins: the codes of an authenticator app (TOTP, RFC 6238).

An admin may add one. Then logins and proofs need a code besides the password. Each code is accepted
once; a recovery code replaces it where the phone is lost.
"""

import re
import secrets
from hashlib import sha256

import pyotp
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework.request import Request

from people import accounts, audit, facts, lockout, totp_secrets
from people.actors import Actor
from people.models import Authenticator, Person, RecoveryCode
from people.readable import readable, typed

ISSUER = "Alarm panel"
STEP = 30  # seconds that a code is shown for
RECOVERY_CODES = 10
RECOVERY_LENGTH = 16  # characters of 5 bits: too many to be guessed from a hash


class CodeRequired(Exception):
    """The password is right, and a code is needed, too. It is no failure that counts."""

    def __init__(self) -> None:
        super().__init__("Enter the code of your authenticator app, too.")


class WrongCode(lockout.Refused):
    """The code is neither the app's of now nor a recovery code, or it was used before."""

    def __init__(self) -> None:
        super().__init__("This code is wrong, or it was used already: wait for the next one.")


class AlreadyAdded(Exception):
    """The person has an app already."""


class NotBegun(Exception):
    """No secret waits to be confirmed."""


def of(person: Person) -> Authenticator | None:
    """Return the person's app if its codes are needed: only those of admins are."""
    if not person.is_admin:
        return None
    return Authenticator.objects.filter(person=person, confirmed_at__isnull=False).first()


def is_asked(person: Person | None) -> bool:
    return person is not None and of(person) is not None


def begin(person: Person) -> str:
    """Return a new secret, which `confirm` puts into force; raise AlreadyAdded."""
    if Authenticator.objects.filter(person=person, confirmed_at__isnull=False).exists():
        raise AlreadyAdded("You have an authenticator app already: remove it first.")
    secret = pyotp.random_base32()
    fields = {"secret": totp_secrets.encrypt(secret), "last_step": 0}
    Authenticator.objects.update_or_create(person=person, defaults=fields)
    return secret


def uri(secret: str, person: Person) -> str:
    """Return what an app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=person.username, issuer_name=ISSUER)


def confirm(person: Person, code: str, actor: Actor) -> list[str]:
    """Ask for codes from now on, if the app shows the right one; return the recovery codes.

    Raises NotBegun or WrongCode. In a transaction of the caller's.
    """
    waiting = Authenticator.objects.select_for_update()
    found = waiting.filter(person=person, confirmed_at__isnull=True).first()
    try:
        secret = totp_secrets.decrypt(found.secret) if found else ""
    except totp_secrets.Unreadable:  # the pepper was replaced since it was begun
        secret = ""
    if found is None or not secret:
        raise NotBegun("There is no new authenticator app to confirm: begin again.")
    step = matching_step(secret, typed(code), 0)
    if step is None:
        raise WrongCode
    found.last_step, found.confirmed_at = step, timezone.now()
    found.save()
    audit.record("person", facts.TOTP_ADDED(username=person.username), actor=actor)
    return new_recovery_codes(found)


def remove(person: Person, actor: Actor, cause: str = "api") -> bool:
    """Ask for no code any more; return whether one was asked for."""
    removed, _ = Authenticator.objects.filter(person=person).delete()
    if removed:
        detail = facts.TOTP_REMOVED(username=person.username)
        audit.record("person", detail, actor=actor, cause=cause)
    return bool(removed)


def new_recovery_codes(authenticator: Authenticator) -> list[str]:
    """Return new recovery codes; the old ones end."""
    codes = [readable(secrets.token_bytes(32), RECOVERY_LENGTH) for _ in range(RECOVERY_CODES)]
    authenticator.recovery_codes.all().delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(authenticator=authenticator, hash=_hash(code)) for code in codes
    )
    return codes


def check(request: Request, person: Person, code: str) -> None:
    """Raise CodeRequired, WrongCode, LockedOut or Unreadable unless the code of `person` is right.

    Call it after the password was right, and not in a transaction.
    """
    authenticator = of(person)
    if authenticator is None:
        return
    if not code.strip():
        raise CodeRequired
    source = f"totp:{person.pk}"  # wherever the guesses come from

    def failed(fault: lockout.Refused, is_locked: bool) -> None:
        accounts.record_failure(request, person, facts.WRONG_TOTP_CODE())
        if is_locked:
            accounts.record_failure(request, person, facts.TOO_MANY_TOTP_CODES(), kind="lockout")

    lockout.attempt(
        {source: lockout.LIMIT}, lambda: _use(authenticator.pk, code), failed, forgiven=source
    )


def _use(person_id: int, code: str) -> None:
    """Accept a code and let it be good no more; raise WrongCode.

    `lockout.attempt` holds the person's row of attempts: of two at the same moment one is first.
    """
    authenticator = Authenticator.objects.get(pk=person_id)
    given = typed(code)
    if re.fullmatch("[0-9]{6}", given):
        secret = totp_secrets.decrypt(authenticator.secret)
        step = matching_step(secret, given, authenticator.last_step)
        if step is None:
            raise WrongCode
        authenticator.last_step = step
        authenticator.secret = totp_secrets.encrypt(secret)  # where the pepper was a former one
        authenticator.save(update_fields=["last_step", "secret"])
    elif not authenticator.recovery_codes.filter(hash=_hash(code)).delete()[0]:
        raise WrongCode


def matching_step(secret: str, code: str, last: int) -> int | None:
    """Return which step's code it is, of now or one beside it, and later than `last`; or None."""
    now = int(timezone.now().timestamp()) // STEP
    if last > now + 1:
        last = 0  # used before the clock was set back
    app = pyotp.TOTP(secret)
    steps = (step for step in (now - 1, now, now + 1) if step > last)
    return next((s for s in steps if constant_time_compare(app.generate_otp(s), code)), None)


def _hash(code: str) -> str:
    return sha256(typed(code).encode()).hexdigest()
