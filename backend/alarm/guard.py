"""The alarm's answer to `core.guard`: whether what weakens it is possible now."""

from typing import Any

from alarm import changes
from alarm.models import Alarm
from alarm.transitions import State
from core.guard import NotDisarmed


def refuse_unless_disarmed(alarm: Alarm) -> None:
    """Raise NotDisarmed; `alarm` is locked."""
    if alarm.state != State.DISARMED:
        raise NotDisarmed


def answer(**_: Any) -> None:
    """Receive `core.guard.asked`."""
    refuse_unless_disarmed(changes.locked_alarm())
