"""The buttons at Home Assistant: panic, and the acknowledgement of the alarm's memory.

Neither makes the alarm watch less, so that neither needs a code. At the stack's own broker only
Home Assistant's account can press them.
"""

from alarm import services
from alarm.models import Cause
from alarm.transitions import IllegalTransition
from integrations.mqtt.commands import TWICE_WITHIN
from integrations.mqtt.entities import PANIC, PRESS
from integrations.mqtt.ignored import MQTT, Ignored
from people.actors import Actor

PANIC_BUTTON = Actor(None, "", "panic button (MQTT)")


class Buttons:
    """Takes presses, and ignores a repetition of the last one."""

    def __init__(self) -> None:
        self._last_at: dict[str, float] = {}  # by the monotonic clock

    def press(self, name: str, payload: bytes, at: float, *, is_again: bool = False) -> None:
        """Do what a button is for, or raise Ignored; `at` is by the monotonic clock."""
        if payload != PRESS.encode():
            raise Ignored(f"a message to the button {name} that is not {PRESS}.")
        is_twice = at - self._last_at.get(name, -TWICE_WITHIN) < TWICE_WITHIN
        self._last_at[name] = at
        if is_twice or is_again:
            raise Ignored(f"the button {name}, pressed twice.")
        if name == PANIC:
            services.trigger(PANIC_BUTTON, Cause.MQTT)
            return
        try:
            services.acknowledge(MQTT, Cause.MQTT)
        except (IllegalTransition, services.NothingToAcknowledge) as error:
            raise Ignored(f"the button {name}: {error}") from error
