"""Persons: the first run, logging in, and the rule that an active admin remains."""

import ipaddress
from typing import Any

from django.contrib.auth import authenticate, logout, update_session_auth_hash
from django.db import transaction
from rest_framework.request import Request

from core.devices import address_of
from core.sentences import Sentence
from people import audit, codes, facts, lockout, sessions
from people.actors import Actor, actor_of, source_of
from people.models import Person, Role, lock_people_and_codes
from people.permissions import person_of

MAX_PEOPLE = 30
FROM_ONE_NETWORK = 20  # failed logins until a pause, for all names together


class AlreadySetUp(Exception):
    """A person exists already."""


class LastAdmin(Exception):
    """The last active admin cannot be removed, deactivated or demoted."""


class TooManyPeople(Exception):
    """The largest number of persons is reached."""


class WrongCredentials(lockout.Refused):
    """No active person has this user name and this password."""


@transaction.atomic
def set_up(pin: str, source: str, **fields: Any) -> Person:
    """Make the first admin and the first code; of parallel calls all but one raise AlreadySetUp."""
    lock_people_and_codes()
    require_no_person()
    actor = Actor(None, "", source)
    person = create(actor, "api", role=Role.ADMIN, **fields)
    first = codes.matching(pin)  # from before there were persons
    if first is None:
        codes.create(pin, codes.FIRST_LABEL, person=person)
        audit.record("code", facts.CODE_ADDED(label=codes.FIRST_LABEL), actor=actor)
    return person


def require_no_person() -> None:
    if Person.objects.exists():
        raise AlreadySetUp("The panel is set up already: log in.")


@transaction.atomic
def create(actor: Actor, cause: str, **fields: Any) -> Person:
    """Make a person from checked `fields`; raise TooManyPeople."""
    lock_people_and_codes()
    if Person.objects.count() >= MAX_PEOPLE:
        raise TooManyPeople(f"There are {MAX_PEOPLE} people already: remove one first.")
    person = Person.objects.create_user(**fields)
    detail = facts.PERSON_ADDED(username=person.username, role=facts.ROLES[person.role]())
    audit.record("person", detail, actor=actor, cause=cause)
    return person


@transaction.atomic
def change(
    person_id: int,
    changes: dict[str, Any],
    actor: Actor,
    keep_session: str | None,
    cause: str = "api",
) -> Person:
    """Change a person's fields; raise LastAdmin, or Person.DoesNotExist.

    A new password and a deactivation end the person's sessions, but for `keep_session`.
    """
    lock_people_and_codes()
    person = Person.objects.get(pk=person_id)
    password = changes.get("password")
    plain = {name: value for name, value in changes.items() if name != "password"}
    before = {name: getattr(person, name) for name in plain}
    for name, value in plain.items():
        setattr(person, name, value)
    if password is not None:
        person.set_password(password)
    person.save()
    require_admin()
    changed = [name for name, value in before.items() if value != getattr(person, name)]
    said = [facts.changed_person(name, getattr(person, name)) for name in changed]
    said += [facts.NEW_PASSWORD()] if password is not None else []
    if said:
        detail = facts.PERSON_CHANGED(username=person.username, changes=said)
        audit.record("person", detail, actor=actor, cause=cause)
    if password is not None or not person.is_active:
        sessions.end_all(person.pk, except_key=keep_session if person.is_active else None)
    elif "role" in changed:
        sessions.announce_change(person.pk)
    return person


@transaction.atomic
def remove(person_id: int, actor: Actor) -> None:
    """Remove a person, with codes and sessions; raise LastAdmin, or Person.DoesNotExist."""
    lock_people_and_codes()
    person = Person.objects.get(pk=person_id)
    person.delete()
    require_admin()
    audit.record("person", facts.PERSON_REMOVED(username=person.username), actor=actor)
    sessions.end_all(person_id)


def require_admin() -> None:
    """Raise LastAdmin where no active admin is left."""
    if not Person.objects.filter(role=Role.ADMIN, is_active=True).exists():
        raise LastAdmin("This is the last active admin: make another one first.")


def change_for(request: Request, person_id: int, changes: dict[str, Any]) -> Person:
    """Do `change` for the person of a request, whose own session stays if that is allowed."""
    is_self = request.user.pk == person_id
    keep = request.session.session_key if is_self else None
    with transaction.atomic():
        person = change(person_id, changes, actor_of(request), keep)
        if is_self and not person.is_active:
            logout(request)
        elif is_self and "password" in changes:
            update_session_auth_hash(request, person)
    return person


def check_password(request: Request, username: str, password: str) -> Person:
    """Return the person; raise WrongCredentials or LockedOut, after the same time for any name."""
    username = Person.normalize_username(username)
    network = network_of(address_of(request))
    name_there = f"{lockout.LOGIN}{username}|{network}"
    limits = {name_there: lockout.LIMIT, f"{lockout.LOGIN}{network}": FROM_ONE_NETWORK}

    def verify() -> Person:
        person = authenticate(request, username=username, password=password)
        if person is None:
            raise WrongCredentials("The user name or the password is wrong.")
        return person

    def failed(fault: lockout.Refused, is_locked: bool) -> None:
        known = Person.objects.filter(username=username).first()
        # An unknown name may be a password, typed into the wrong field: it is not recorded.
        wrong = facts.WRONG_PASSWORD if known else facts.UNKNOWN_USERNAME
        record_failure(request, known, wrong())
        if is_locked:
            record_failure(request, known, facts.TOO_MANY_LOGINS(), kind="lockout")

    # Not the network's: one's own login would forgive guesses at the passwords of others.
    return lockout.attempt(limits, verify, failed, forgiven=name_there)


def confirm_password(request: Request, password: str) -> None:
    """Verify the password of the request's person; raise WrongCredentials or LockedOut."""
    person = person_of(request)

    def verify() -> None:
        if not person.check_password(password):
            raise WrongCredentials("The password is wrong.")

    def failed(fault: lockout.Refused, is_locked: bool) -> None:
        record_failure(request, person, facts.WRONG_PROOF())
        if is_locked:
            record_failure(request, person, facts.TOO_MANY_PASSWORDS(), kind="lockout")

    source = f"password:{person.pk}"
    lockout.attempt({source: lockout.LIMIT}, verify, failed, forgiven=source)


def record_failure(
    request: Request, person: Person | None, detail: Sentence, kind: str = "login_failed"
) -> None:
    """Record a failed login of `person`, or of an unknown one."""
    source = source_of(request)
    actor = Actor(person.pk, person.name, source) if person else Actor(None, "", source)
    audit.record(kind, detail, actor=actor)


def network_of(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        network = ipaddress.ip_network((address, 64 if ":" in address else 32), strict=False)
    except ValueError:
        return "unknown"
    return str(network)
