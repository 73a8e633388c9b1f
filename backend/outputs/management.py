"""Adding, changing, testing and removing outputs: each is one transaction.

What weakens the alarm raises NotDisarmed unless it is disarmed; so does a test, which could be
taken for an alarm, or an alarm for it.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.dispatch import Signal
from django.shortcuts import get_object_or_404

from alarm import changes, events
from alarm.facts import fields as fields_of
from alarm.guard import refuse_unless_disarmed
from alarm.models import Alarm, Cause, EventKind
from core.sentences import FAULTS, Sentence
from outputs import facts, plan, secret_urls, soundings
from outputs.models import Command, Output, OutputKind, Tone
from outputs.serializers import ReportedOutputSerializer
from people.actors import Actor

MOST_OUTPUTS = 20
URLS = ("on_url", "off_url")
KIND_IS_FIXED = FAULTS.add(
    "kind_is_fixed", "The kind cannot be changed: remove this output and add another."
)()
NOT_A_WEBHOOK = FAULTS.add("not_a_webhook", "Only a webhook has an address.")()
MISSING_URL = FAULTS.add(
    "missing_address", "A webhook needs an address to switch on and one to switch off."
)()

login_given = Signal()
"""Sent in the transaction that stores an MQTT output with a new `password`, with `output`.
The receiver sets its `mqtt`."""
removed = Signal()
"""Sent in the transaction that removes an output, with `output_id`."""


class NameTaken(Exception):
    """Another output has this name, in whichever case."""


class TooManyOutputs(Exception):
    """There are as many outputs as there may be."""


class Disabled(Exception):
    """An output that is switched off cannot be tested."""


class NotPossible(Exception):
    """An output is not switched; the text is a part of a sentence."""


class NoLogin(Exception):
    """A webhook has no login at the broker."""


class WrongFields(Exception):
    """Fields do not fit the kind; `fields` has a sentence for each."""

    def __init__(self, fields: dict[str, Sentence]) -> None:
        self.fields = fields
        super().__init__(*fields.values())


@contextmanager
def _while_disarmed() -> Iterator[Alarm]:
    with transaction.atomic():
        alarm = changes.locked_alarm()
        refuse_unless_disarmed(alarm)
        yield alarm


def create(actor: Actor, **fields: Any) -> Output:
    """Add an output and return it, with its login. Raises NameTaken, TooManyOutputs, WrongFields.

    Without `tones` it has all but the chime.
    """
    _check(fields["kind"], fields)
    if fields["kind"] == OutputKind.WEBHOOK and not all(fields.get(name) for name in URLS):
        raise WrongFields({name: MISSING_URL for name in URLS if not fields.get(name)})
    fields.setdefault("tones", [tone.value for tone in Tone if tone is not Tone.CHIME])
    with _while_disarmed() as alarm:
        if Output.objects.count() >= MOST_OUTPUTS:
            raise TooManyOutputs(f"There are {MOST_OUTPUTS} outputs already: remove one first.")
        output = Output()
        _set(output, fields)
        _store(output)
        _announce(alarm, output, actor, facts.ADDED(name=output.name))
        _give_login(output)
    return output


def change(output_id: int, actor: Actor, **fields: Any) -> Output:
    """Change an output and return it. Raises NameTaken, WrongFields or Http404."""
    with _while_disarmed() as alarm:
        output = get_object_or_404(Output.objects.select_for_update(), pk=output_id)
        _check(output.kind, fields)
        changed = _set(output, fields)
        if changed:
            _store(output, *changed)
            _announce(
                alarm, output, actor, facts.CHANGED(name=output.name, fields=fields_of(changed))
            )
    return output


def remove(output_id: int, actor: Actor) -> None:
    """Remove an output; its events stay. Raises Http404."""
    with _while_disarmed() as alarm:
        output = get_object_or_404(Output.objects.select_for_update(), pk=output_id)
        removed.send(Output, output_id=output.pk)
        output.delete()
        changes.add(alarm, "output_removed", {"id": output_id})
        _record(alarm, actor, facts.REMOVED(name=output.name))


def renew_password(output_id: int, actor: Actor) -> Output:
    """Give an output a new login and return it; the old one ends. Raises NoLogin or Http404."""
    with _while_disarmed() as alarm:
        output = get_object_or_404(Output.objects.select_for_update(), pk=output_id)
        if output.kind != OutputKind.MQTT:
            raise NoLogin("A webhook has no login: it has addresses.")
        _give_login(output)
        _record(alarm, actor, facts.NEW_PASSWORD(name=output.name))
    return output


def test(output_id: int, actor: Actor) -> Output:
    """Let an output sound shortly and return it. Raises Disabled or Http404."""
    with _while_disarmed() as alarm:
        output = get_object_or_404(Output.objects.select_for_update(), pk=output_id)
        if not output.enabled:
            raise Disabled("This output is switched off: switch it on first.")
        tone = output.tones[0] if output.tones else Tone.BURGLARY
        soundings.begin(output, tone, min(soundings.SHORT, output.cut_off))
        _record(alarm, actor, facts.TESTED(name=output.name))
    return output


@transaction.atomic
def switch(
    output_id: int, actor: Actor, state: Command, tone: str | None, seconds: int | None
) -> None:
    """Switch an output on or off for a person or an automation, or raise NotPossible.

    Possible in every state of the alarm, because it cannot silence an alarm, nor replace it. On is
    for `seconds`, at most the cut-off.
    """
    alarm = changes.locked_alarm()
    output = Output.objects.select_for_update().filter(pk=output_id, enabled=True).first()
    if output is None:
        raise NotPossible("there is no such output, or it is switched off.")
    if output.causes:
        raise NotPossible("it sounds because of the alarm: disarm the alarm.")
    if state is Command.OFF:
        soundings.stop(output)
        if plan.is_switched_on_by_others(output):
            output.sent = Command.ON.value  # by them, so that it is switched off
            output.save(update_fields=["sent"])
    else:
        if tone not in output.tones:
            tone = output.tones[0] if output.tones else Tone.BURGLARY
        seconds = min(seconds or output.cut_off, output.cut_off)
        soundings.begin(output, str(tone), seconds)
    detail = facts.SWITCHED[state](name=output.name)
    events.write(alarm, EventKind.INTEGRATION, Cause.MQTT, actor, detail=detail)


def _check(kind: str, fields: dict[str, Any]) -> None:
    if fields.get("kind", kind) != kind:
        raise WrongFields({"kind": KIND_IS_FIXED})
    if kind == OutputKind.MQTT and (given := [name for name in URLS if fields.get(name)]):
        raise WrongFields(dict.fromkeys(given, NOT_A_WEBHOOK))


def _set(output: Output, fields: dict[str, Any]) -> list[str]:
    """Set fields, addresses encrypted, and return the names of those that differ."""
    changed = []
    for name, value in fields.items():
        if name == "tones":
            value = [tone.value for tone in Tone if tone in value]
        if name in URLS:
            value = secret_urls.VAULT.encrypt(value)  # never equal: its text is new each time
        if getattr(output, name) != value:
            setattr(output, name, value)
            changed.append(name)
    return changed


def _store(output: Output, *names: str) -> None:
    try:
        with transaction.atomic():
            output.save(update_fields=names or None)
    except IntegrityError as error:
        raise NameTaken(f"Another output is called {output.name} already.") from error


def _give_login(output: Output) -> None:
    if output.kind == OutputKind.MQTT:
        output.password = secrets.token_urlsafe(32)
        login_given.send(Output, output=output)


def _announce(alarm: Alarm, output: Output, actor: Actor, detail: Sentence) -> None:
    changes.add(alarm, "output", dict(ReportedOutputSerializer(output).data))
    _record(alarm, actor, detail)


def _record(alarm: Alarm, actor: Actor, detail: Sentence) -> None:
    events.write(alarm, EventKind.SETTING, Cause.API, actor, detail=detail)
