"""What outputs report, and what they do not: stored, and announced to every page."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from alarm import changes, events
from alarm.models import Alarm, Cause, EventKind
from core.sentences import Sentence
from outputs import facts
from outputs.models import Command, Fault, Output, OutputKind
from outputs.serializers import ReportedOutputSerializer
from people.actors import Actor

NEARLY_OVER = dt.timedelta(seconds=5)  # devices end by themselves, by a clock of their own


def take(output_id: int, state: Command, *, is_stored: bool = False) -> None:
    """Take the report of an output; one without an output of this identifier is ignored.

    `is_stored`: a broker had it already. It is of an unknown age, so it confirms nothing.
    """
    on_mqtt = Output.objects.filter(pk=output_id, kind=OutputKind.MQTT)
    output = on_mqtt.first()
    if output is None or not _apply(output, state, is_stored):
        return
    with transaction.atomic():
        alarm = changes.locked_alarm()
        output = on_mqtt.select_for_update().first()
        if output is not None:
            _store(alarm, output, is_answer=_apply(output, state, is_stored) and not is_stored)


def take_contact(output_id: int, *, is_online: bool) -> None:
    """Take whether an output is at the broker: it tells so, or the broker when it has lost it.

    One that is back, but has not confirmed its last command, does not answer yet.
    """
    on_mqtt = Output.objects.filter(pk=output_id, kind=OutputKind.MQTT)
    output = on_mqtt.first()
    if output is None or is_online is not (output.error == Fault.NO_CONTACT):
        return
    if not is_online:
        fail(output_id, Fault.NO_CONTACT)
        return
    with transaction.atomic():
        alarm = changes.locked_alarm()
        output = on_mqtt.select_for_update().first()
        if output is not None and output.error == Fault.NO_CONTACT:
            output.error = _fault_after_contact(output)
            _store(alarm, output, is_answer=False)


@transaction.atomic
def confirm(output: Output) -> None:
    """Store that the command which `output` had when it was sent has been carried out."""
    alarm = changes.locked_alarm()
    now = Output.objects.select_for_update().filter(pk=output.pk).first()
    if now is None or (now.sent, now.sent_at) != (output.sent, output.sent_at):
        return
    now.is_confirmed = True
    _report(now, Command(now.sent))
    _store(alarm, now, is_answer=True)


@transaction.atomic
def fail(output_id: int, fault: Fault) -> None:
    """Store why an output does not do what it has to; the first fault is an event."""
    alarm = changes.locked_alarm()
    output = Output.objects.select_for_update().filter(pk=output_id).first()
    if output is None or output.error == fault:
        return
    if (output.error, fault) == (Fault.NO_CONTACT, Fault.NO_ANSWER):
        return  # the reason is known
    is_first = not output.error
    output.error = fault
    _announce(alarm, output)
    if is_first:
        reason = facts.REASONS[fault]()
        _record(alarm, output, facts.FAILS(name=output.name, reason=reason))


def _apply(output: Output, state: Command, is_stored: bool) -> bool:
    """Change an output by its report, unsaved; return whether that is a change."""
    before = (output.reported, output.sent, output.is_confirmed, output.error)
    _report(output, state)
    if not is_stored and output.sent:
        if output.sent == state:
            output.is_confirmed = True
        elif output.sent == Command.ON:
            if output.is_over(timezone.now() + NEARLY_OVER):
                output.sent, output.is_confirmed = Command.OFF, True
            else:
                output.is_confirmed = False  # it went off before its time
        if output.is_confirmed:
            output.error = ""
    if not is_stored and output.error == Fault.NO_CONTACT:
        output.error = _fault_after_contact(output)
    return before != (output.reported, output.sent, output.is_confirmed, output.error)


def _fault_after_contact(output: Output) -> str:
    return Fault.NO_ANSWER.value if output.sent and not output.is_confirmed else ""


def _report(output: Output, state: Command) -> None:
    if output.reported != state:
        output.reported, output.reported_at = state, timezone.now()


def _store(alarm: Alarm, output: Output, is_answer: bool) -> None:
    had_failed = Output.objects.filter(pk=output.pk).exclude(error="").exists()
    if is_answer and output.is_confirmed:
        output.error = ""
    _announce(alarm, output)
    if had_failed and not output.error:
        _record(alarm, output, facts.ANSWERS(name=output.name))


def _announce(alarm: Alarm, output: Output) -> None:
    names = ("reported", "reported_at", "sent", "is_confirmed", "error")
    output.save(update_fields=names)
    shown: dict[str, Any] = dict(ReportedOutputSerializer(output).data)
    changes.add(alarm, "output", shown)


def _record(alarm: Alarm, output: Output, detail: Sentence) -> None:
    actor = Actor(None, "", f"output {output.name}")
    events.write(alarm, EventKind.OUTPUT, Cause.TIMER, actor, detail=detail)
