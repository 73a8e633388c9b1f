"""The alarm's answer to `core.guard`: whether what weakens it is possible now."""

from typing import Any

from alarm import changes
from alarm.models import Alarm
from alarm.transitions import TRIGGERED, State
from core.guard import NotDisarmed


def refuse_unless_disarmed(alarm: Alarm) -> None:
    """Raise NotDisarmed; `alarm` is locked.

    An alarm that a PIN has silenced is disarmed but for the smoke that is still there, or seems to
    be: a broken detector can be removed.
    """
    is_silenced = alarm.position == TRIGGERED and not alarm.siren
    if alarm.state != State.DISARMED and not is_silenced:
        raise NotDisarmed


def answer(**_: Any) -> None:
    """Receive `core.guard.asked`."""
    refuse_unless_disarmed(changes.locked_alarm())
