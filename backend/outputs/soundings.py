"""Begins and ends soundings, in the transaction that changes the alarm; sends nothing.

- An output sounds while the alarm's sirens are to sound, if it has a tone for that.
- It is off after its cut-off time. A sensor that joins meanwhile changes the tone at most; it
  does not prolong the sounding. One that joins after the cut-off begins another.
- A chime and a test last two seconds, and never replace the sounding of an alarm.
"""

from typing import Any

from django.utils import timezone

from alarm.models import Alarm, Sensor
from outputs import tones
from outputs.models import Output, Tone

SHORT = 2  # seconds of a chime and of a test
UNKNOWN = "unknown"  # the cause of an alarm that remembers none


def follow(alarm: Alarm, **_: Any) -> None:
    """Receive `alarm.signals.alarm_changed`; `alarm` is locked.

    Calling it again changes nothing.
    """
    causes = [f"{one['kind']} {one['name']} {one['at']}" for one in alarm.memory] or [UNKNOWN]
    kinds = [one["kind"] for one in alarm.triggered_by]
    for output in Output.objects.select_for_update():
        tone = tones.choose(output.tones, kinds) if alarm.siren and output.enabled else None
        if tone is None:
            if output.causes:
                stop(output)
        elif set(causes) - set(output.causes):
            if output.causes and not output.is_over(timezone.now()):
                output.tone, output.causes = tone, causes
                output.save(update_fields=["tone", "causes"])
            else:
                begin(output, tone, output.cut_off, causes)


def chime(sensor: Sensor, **_: Any) -> None:
    """Receive `alarm.signals.chimed`; the alarm is locked."""
    for output in Output.objects.select_for_update().filter(enabled=True, causes=[]):
        if Tone.CHIME in output.tones and output.is_over(timezone.now()):
            begin(output, Tone.CHIME, min(SHORT, output.cut_off))


def begin(output: Output, tone: str, seconds: int, causes: list[str] | None = None) -> None:
    """Store that an output sounds from now on, for so many seconds; it is locked."""
    output.tone, output.seconds, output.causes = tone, seconds, causes or []
    output.started_at = timezone.now()
    output.save(update_fields=["tone", "seconds", "causes", "started_at"])


def stop(output: Output) -> None:
    """Store that an output is to be off; it is locked."""
    output.tone, output.causes = "", []
    output.save(update_fields=["tone", "causes"])
