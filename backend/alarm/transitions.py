"""The alarm's state machine: one table of every legal transition. Pure Python.

`alarm/sensor_rules.py` has the actions that sensors lead to.
"""

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    DISARMED = "disarmed"
    ARMING = "arming"
    ARMED_HOME = "armed_home"
    ARMED_AWAY = "armed_away"
    ARMED_NIGHT = "armed_night"
    ARMED_VACATION = "armed_vacation"
    PENDING = "pending"
    TRIGGERED = "triggered"


class Action(StrEnum):
    ARM_HOME = "arm_home"
    ARM_AWAY = "arm_away"
    ARM_NIGHT = "arm_night"
    ARM_VACATION = "arm_vacation"
    DISARM = "disarm"
    EXIT_ELAPSED = "exit_elapsed"
    ENTER = "enter"  # an entry with time to disarm
    ENTRY_ELAPSED = "entry_elapsed"
    TRIGGER = "trigger"  # a reason to sound the siren at once
    SIREN_ELAPSED = "siren_elapsed"
    SILENCE = "silence"  # a disarming while smoke, heat, gas or water is still there
    ALL_CLEAR = "all_clear"  # the last of that is gone, after it was silenced


class Position(NamedTuple):
    """A state, and the armed state that it leads to or came from.

    `target` is None in the armed states, while disarmed, and while triggered from disarmed.
    """

    state: State
    target: State | None = None


DISARMED = Position(State.DISARMED)
TRIGGERED = Position(State.TRIGGERED)  # while disarmed, or silenced
# The armed states, and the actions that lead there.
ARMING: dict[Action, State] = {
    Action.ARM_HOME: State.ARMED_HOME,
    Action.ARM_AWAY: State.ARMED_AWAY,
    Action.ARM_NIGHT: State.ARMED_NIGHT,
    Action.ARM_VACATION: State.ARMED_VACATION,
}
ARMED = tuple(ARMING.values())

TRANSITIONS: dict[tuple[Position, Action], Position] = {
    (DISARMED, Action.TRIGGER): TRIGGERED,
    (TRIGGERED, Action.TRIGGER): TRIGGERED,  # another sensor: the siren's time starts again
    (TRIGGERED, Action.SIREN_ELAPSED): DISARMED,
    (TRIGGERED, Action.DISARM): DISARMED,
    (TRIGGERED, Action.SILENCE): TRIGGERED,
    (TRIGGERED, Action.ALL_CLEAR): DISARMED,
}
for _action, _armed in ARMING.items():
    _arming, _pending, _triggered = (
        Position(state, _armed) for state in (State.ARMING, State.PENDING, State.TRIGGERED)
    )
    TRANSITIONS |= {
        (DISARMED, _action): _arming,
        (_arming, Action.EXIT_ELAPSED): Position(_armed),
        (_arming, Action.TRIGGER): _triggered,
        (_arming, Action.DISARM): DISARMED,
        (Position(_armed), Action.ENTER): _pending,
        (Position(_armed), Action.TRIGGER): _triggered,
        (Position(_armed), Action.DISARM): DISARMED,
        (_pending, Action.ENTRY_ELAPSED): _triggered,
        (_pending, Action.TRIGGER): _triggered,
        (_pending, Action.DISARM): DISARMED,
        (_triggered, Action.TRIGGER): _triggered,
        (_triggered, Action.SIREN_ELAPSED): Position(_armed),
        (_triggered, Action.DISARM): DISARMED,
        (_triggered, Action.SILENCE): TRIGGERED,
    }
    # From one mode to another.
    TRANSITIONS |= {(Position(other), _action): _arming for other in ARMED if other is not _armed}

# The action that ends a state, after the delay of this name in the settings.
TIMED: dict[State, tuple[Action, str]] = {
    State.ARMING: (Action.EXIT_ELAPSED, "exit_delay"),
    State.PENDING: (Action.ENTRY_ELAPSED, "entry_delay"),
    State.TRIGGERED: (Action.SIREN_ELAPSED, "siren_duration"),
}

REASONS: dict[Action, str] = {
    **dict.fromkeys(ARMING, "only a disarmed alarm can be armed, or an armed one to another mode"),
    Action.DISARM: "there is nothing to disarm",
    Action.EXIT_ELAPSED: "no exit delay is running",
    Action.ENTER: "only an armed alarm starts an entry delay",
    Action.ENTRY_ELAPSED: "no entry delay is running",
    Action.TRIGGER: "it cannot be triggered",
    Action.SIREN_ELAPSED: "no siren is sounding",
    Action.SILENCE: "no siren is sounding",
    Action.ALL_CLEAR: "nothing was silenced",
}


class IllegalTransition(Exception):
    """The action is not possible in this position; the text is a sentence for a person."""


def step(position: Position, action: Action) -> Position:
    """Return the position that `action` leads to, or raise IllegalTransition."""
    try:
        return TRANSITIONS[position, action]
    except KeyError:
        state = position.state.replace("_", " ")
        raise IllegalTransition(f"The alarm is {state}: {REASONS[action]}.") from None
