"""What is done with persons: the first run, logging in, and the rule that an admin remains."""

import ipaddress

from django.contrib.auth import authenticate, logout, update_session_auth_hash
from django.db import transaction
from rest_framework.request import Request

from alarm import events
from people import codes, lockout, sessions
from people.models import Person, Role, exclusively

MOST = 30
FROM_ONE_NETWORK = 20  # failed log-ins in a row, whatever the names


class AlreadySetUp(Exception):
    """There is a person already."""


class LastAdmin(Exception):
    """Without this person nobody could change anything any more."""


class TooManyPeople(Exception):
    """There are as many persons as there may be."""


class WrongCredentials(lockout.Refused):
    """No active person has this user name and this password."""


@transaction.atomic
def set_up(pin: str, source: str, **fields) -> Person:
    """Make the first admin and the first code; raise AlreadySetUp, for all but one of many."""
    exclusively()
    if Person.objects.exists():
        raise AlreadySetUp("The panel is set up already: log in.")
    actor = events.Actor(None, "", source)
    person = create(actor, "api", role=Role.ADMIN, **fields)
    first = codes.matching(pin)  # from before there were persons
    if first is None:
        codes.create(pin, codes.FIRST_LABEL, person=person)
        codes.tell(actor, "api", f"{codes.FIRST_LABEL} was added.")
    return person


@transaction.atomic
def create(actor: events.Actor, cause: str, **fields) -> Person:
    """Make a person from checked `fields`; raise TooManyPeople."""
    exclusively()
    if Person.objects.count() >= MOST:
        raise TooManyPeople(f"There are {MOST} people already: remove one first.")
    person = Person.objects.create_user(**fields)
    tell(actor, cause, f"{person.username} was added as {person.role}.")
    return person


@transaction.atomic
def change(
    person_id: int,
    changes: dict,
    actor: events.Actor,
    keep_session: str | None,
    cause: str = "api",
) -> Person:
    """Change a person's fields; raise LastAdmin, or Person.DoesNotExist.

    A new password and a deactivation end the person's sessions, but for `keep_session`.
    """
    exclusively()
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
    said = [f"{name} is now {getattr(person, name)}" for name in changed]
    said += ["the password was changed"] if password is not None else []
    if said:
        tell(actor, cause, f"{person.username}: {', '.join(said)}.")
    if password is not None or not person.is_active:
        sessions.end_all(person.pk, except_key=keep_session if person.is_active else None)
    elif "role" in changed:
        sessions.look_again(person.pk)
    return person


@transaction.atomic
def remove(person_id: int, actor: events.Actor) -> None:
    """Remove a person, with codes and sessions; raise LastAdmin, or Person.DoesNotExist."""
    exclusively()
    person = Person.objects.get(pk=person_id)
    person.delete()
    require_admin()
    tell(actor, "api", f"{person.username} was removed.")
    sessions.end_all(person_id)


def require_admin() -> None:
    """Raise LastAdmin where no active admin is left."""
    if not Person.objects.filter(role=Role.ADMIN, is_active=True).exists():
        raise LastAdmin("This is the last active admin: make another one first.")


def change_for(request: Request, person_id: int, changes: dict) -> Person:
    """Do `change` for who asks for it, whose own session goes on where it may."""
    is_self = request.user.pk == person_id
    keep = request.session.session_key if is_self else None
    with transaction.atomic():
        person = change(person_id, changes, events.actor_of(request), keep)
        if is_self and not person.is_active:
            logout(request._request)
        elif is_self and "password" in changes:
            update_session_auth_hash(request._request, person)
    return person


def check_password(request: Request, username: str, password: str) -> Person:
    """Return the person; raise WrongCredentials or LockedOut, after the same time for any name."""
    username = Person.normalize_username(username)
    network = network_of(events.address_of(request))
    limits = {
        f"login:{username}|{network}": lockout.IN_A_ROW,
        f"login:{network}": FROM_ONE_NETWORK,
    }

    def judge() -> Person:
        person = authenticate(request._request, username=username, password=password)
        if person is None:
            raise WrongCredentials("The user name or the password is wrong.")
        return person

    def failed(fault: lockout.Refused, is_locked: bool) -> None:
        known = Person.objects.filter(username=username).first()
        # A name that is none may be a password, typed into the wrong field: it is not written down.
        tell_of_failure(request, known, "Wrong password." if known else "Unknown user name.")
        if is_locked:
            tell_of_failure(request, known, "Too many failed log-ins.", kind="lockout")

    return lockout.attempt(limits, judge, failed)


def confirm_password(request: Request, password: str) -> None:
    """Return if `password` is that of who asks; raise WrongCredentials or LockedOut."""
    person = request.user

    def judge() -> None:
        if not person.check_password(password):
            raise WrongCredentials("The current password is wrong.")

    def failed(fault: lockout.Refused, is_locked: bool) -> None:
        tell_of_failure(request, person, str(fault))
        if is_locked:
            tell_of_failure(request, person, "Too many wrong passwords.", kind="lockout")

    lockout.attempt({f"password:{person.pk}": lockout.IN_A_ROW}, judge, failed)


def tell_of_failure(
    request: Request, person: Person | None, detail: str, kind: str = "login_failed"
) -> None:
    """Write an event of a log-in that failed for `person`, or for nobody known."""
    who = (person.pk, person.name) if person else (None, "")
    actor = events.Actor(*who, events.source_of(request))
    events.record(kind, cause="api", actor=actor, detail=detail)


def network_of(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the IPv6 network that a home has."""
    try:
        network = ipaddress.ip_network((address, 64 if ":" in address else 32), strict=False)
    except ValueError:
        return "unknown"
    return str(network)


def tell(actor: events.Actor, cause: str, detail: str) -> None:
    """Write an event of kind `person`."""
    events.record("person", cause=cause, actor=actor, detail=detail)
