"""The alarm's state machine: one table of every legal transition. Pure Python."""

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """What the alarm is doing."""

    DISARMED = "disarmed"
    ARMING = "arming"
    ARMED_HOME = "armed_home"
    ARMED_AWAY = "armed_away"
    PENDING = "pending"
    TRIGGERED = "triggered"


class Action(StrEnum):
    """What can happen to it."""

    ARM_HOME = "arm_home"
    ARM_AWAY = "arm_away"
    DISARM = "disarm"
    EXIT_ELAPSED = "exit_elapsed"
    TRIGGER = "trigger"
    ENTRY_ELAPSED = "entry_elapsed"


class Position(NamedTuple):
    """A state and, while arming, the state that follows."""

    state: State
    target: State | None = None


DISARMED = Position(State.DISARMED)
ARMING_HOME = Position(State.ARMING, State.ARMED_HOME)
ARMING_AWAY = Position(State.ARMING, State.ARMED_AWAY)
ARMED_HOME = Position(State.ARMED_HOME)
ARMED_AWAY = Position(State.ARMED_AWAY)
PENDING = Position(State.PENDING)
TRIGGERED = Position(State.TRIGGERED)

TRANSITIONS: dict[tuple[Position, Action], Position] = {
    (DISARMED, Action.ARM_HOME): ARMING_HOME,
    (DISARMED, Action.ARM_AWAY): ARMING_AWAY,
    (ARMING_HOME, Action.EXIT_ELAPSED): ARMED_HOME,
    (ARMING_AWAY, Action.EXIT_ELAPSED): ARMED_AWAY,
    (ARMED_HOME, Action.TRIGGER): PENDING,
    (ARMED_AWAY, Action.TRIGGER): PENDING,
    (PENDING, Action.ENTRY_ELAPSED): TRIGGERED,
    (ARMING_HOME, Action.DISARM): DISARMED,
    (ARMING_AWAY, Action.DISARM): DISARMED,
    (ARMED_HOME, Action.DISARM): DISARMED,
    (ARMED_AWAY, Action.DISARM): DISARMED,
    (PENDING, Action.DISARM): DISARMED,
    (TRIGGERED, Action.DISARM): DISARMED,
}

# What happens by itself in a state, after the delay that the settings give.
TIMED: dict[State, tuple[Action, str]] = {
    State.ARMING: (Action.EXIT_ELAPSED, "ALARM_EXIT_DELAY"),
    State.PENDING: (Action.ENTRY_ELAPSED, "ALARM_ENTRY_DELAY"),
}

REASONS: dict[Action, str] = {
    Action.ARM_HOME: "only a disarmed alarm can be armed",
    Action.ARM_AWAY: "only a disarmed alarm can be armed",
    Action.DISARM: "there is nothing to disarm",
    Action.EXIT_ELAPSED: "no exit delay is running",
    Action.TRIGGER: "only an armed alarm can be triggered",
    Action.ENTRY_ELAPSED: "no entry delay is running",
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
