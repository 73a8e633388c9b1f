"""The PIN codes that disarm."""

import re
from dataclasses import asdict
from typing import Any

from django.db.models import Q
from django.utils import timezone

from core.sentences import Sentence
from people import audit, facts, lockout, pins
from people.actors import Actor
from people.lockout import Refused
from people.models import Code, lock_people_and_codes

FORMAT = re.compile(r"[0-9]{4,12}")
MAX_CODES = 30
FIRST_LABEL = "First PIN"


class WrongPin(Refused):
    """The PIN belongs to no code, or to one that is not valid now; `reason` is for the history.

    The message does not tell which: otherwise a PIN could be guessed before it is valid, and used
    then.
    """

    def __init__(self, reason: Sentence | None = None) -> None:
        self.reason = reason or facts.WRONG_PIN()
        super().__init__("This PIN is wrong.")


class Needless(Refused):
    """The PIN is right, and what it was entered for is not possible now.

    It counts like a wrong one: otherwise the next lockout would tell whether it was.
    """

    def __init__(self, code: Code) -> None:
        self.code = code
        super().__init__("There is nothing to disarm.")


class NoCode(Exception):
    """No code exists."""


class PinTaken(Exception):
    """Another code has this PIN."""


class TooManyCodes(Exception):
    """The largest number of codes is reached."""


def verify(
    candidate: str, source: str, actor: Actor | None = None, *, is_needless: bool = False
) -> Code:
    """Return the code whose PIN is `candidate`; raise WrongPin, LockedOut or NoCode.

    Wrong ones are counted for `source` ("person:3", "mqtt") and recorded as events of `actor`, by
    default made from the source. A right one forgives none of them: they may be guesses at another.
    With `is_needless` a right one raises Needless, at the same cost as a wrong one. Not to be
    called in a transaction, whose rollback would undo the count.
    """
    if actor is None:
        actor = Actor(None, "", source)

    def check() -> Code:
        code = matching(candidate, move=True)
        if code is None or code.status == Code.Status.INACTIVE:
            raise WrongPin
        if code.status != Code.Status.ACTIVE:
            is_over = code.status == Code.Status.EXPIRED
            raise WrongPin(facts.EXPIRED_PIN() if is_over else facts.EARLY_PIN())
        if is_needless:
            raise Needless(code)
        Code.objects.filter(pk=code.pk).update(last_used_at=timezone.now())
        return code

    def failed(fault: Refused, is_locked: bool) -> None:
        cause = "mqtt" if source.startswith("mqtt") else "api"
        if isinstance(fault, Needless):
            record_use(fault.code, actor, cause)
        else:
            reason = fault.reason if isinstance(fault, WrongPin) else facts.WRONG_PIN()
            audit.record("wrong_pin", reason, actor=actor, cause=cause)
        if is_locked:
            audit.record("lockout", facts.TOO_MANY_PINS(), actor=actor, cause=cause)

    require_code()
    return lockout.attempt({source: lockout.LIMIT}, check, failed)


def record_use(code: Code, actor: Actor, cause: str, purpose: str = "disarm") -> None:
    """Record that a code was used: an intruder may look on while it is a duress code."""
    kind = "duress" if code.duress else "code"
    detail = facts.CODE_USED[purpose](label=code.label)
    audit.record(kind, detail, actor=owner(code, actor), cause=cause)


def owner(code: Code, actor: Actor) -> Actor:
    """Return the actor of what a code did, typed by `actor`: the person whose code it is."""
    person = code.person
    return Actor(person.pk, person.name, actor.source) if person else actor


def is_valid(code: Code) -> bool:
    """Return whether a code that was verified exists still, and is valid now."""
    now = Code.objects.select_related("person").filter(pk=code.pk).first()
    return now is not None and now.status == Code.Status.ACTIVE


def require_code() -> None:
    """Raise NoCode where no PIN can be right."""
    if Code.objects.filter(Q(pepper="") | Q(pepper__in=pins.known())).exists():
        return
    if Code.objects.exists():
        raise NoCode(
            "No PIN can be read: they were stored with another PIN pepper. The operator puts that"
            " file back, or an admin sets the PINs again."
        )
    raise NoCode("There is no PIN yet: an admin has to add one.")


def create(pin: str, label: str, **fields: Any) -> Code:
    """Make a code; raise PinTaken, TooManyCodes, or ValueError if `pin` is not a PIN.

    In a transaction of the caller's, like `change_pin`.
    """
    lock_people_and_codes()
    if Code.objects.count() >= MAX_CODES:
        raise TooManyCodes(f"There are {MAX_CODES} codes already: remove one first.")
    require_free(pin, None)
    return Code.objects.create(label=label, **asdict(pins.stored(pin)), **fields)


def change_pin(code: Code, pin: str) -> None:
    """Give `code` another PIN; raise PinTaken, or ValueError if `pin` is not a PIN."""
    lock_people_and_codes()
    require_free(pin, code)
    store(code, pins.stored(pin))


def require_free(pin: str, code: Code | None) -> None:
    """Raise PinTaken if another code than `code` has this PIN, or ValueError if it is none."""
    if not FORMAT.fullmatch(pin):
        raise ValueError("A PIN has 4 to 12 digits.")
    taken = matching(pin)
    if taken is not None and taken != code:
        raise PinTaken("Another code has this PIN already.")


def store(code: Code, stored: pins.Stored) -> None:
    code.hash, code.index, code.pepper = stored.hash, stored.index, stored.pepper
    code.save(update_fields=["hash", "index", "pepper"])


def matching(candidate: str, *, move: bool = False) -> Code | None:
    """Return the code whose PIN is `candidate`, whatever its status.

    The cost depends neither on the number of codes nor on whether the PIN is right. With `move`, a
    code that was stored in an older way, or with a former pepper, is stored anew.
    """
    codes = Code.objects.select_related("person")
    # First the old ones: a code that is moved meanwhile is then found by its index.
    old = {code.hash: code for code in codes.filter(pepper="")}
    found = old.get(pins.old_match(candidate, old) or "")
    outdated = bool(old)
    for number, pepper in enumerate(pins.peppers()):
        if number and not codes.filter(pepper=pepper.name).exists():
            continue
        outdated = outdated or bool(number)
        code = codes.filter(index=pins.index(candidate, pepper)).first()
        if pins.check(candidate, pepper, code.hash if code else None):
            found = code
    if move and outdated:
        stored = pins.stored(candidate)  # of a wrong PIN too, at the same cost
        if found is not None and found.pepper != stored.pepper:
            store(found, stored)
    return found
