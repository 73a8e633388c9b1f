"""The state machine: what can never happen, whatever is done to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarm import transitions as t

POSITIONS = [value for value in vars(t).values() if isinstance(value, t.Position)]
actions = st.sampled_from(list(t.Action))


def walk(path: list[t.Action]) -> list[t.Position]:
    """Return the positions on a path from disarmed; an illegal action changes nothing."""
    positions = [t.DISARMED]
    for action in path:
        try:
            positions.append(t.step(positions[-1], action))
        except t.IllegalTransition:
            positions.append(positions[-1])
    return positions


@given(st.lists(actions, max_size=30))
def test_only_known_positions_are_reached_and_only_arming_has_a_target(path):
    for position in walk(path):
        assert position in POSITIONS
        assert (position.target is not None) == (position.state is t.State.ARMING)


@given(st.lists(actions, max_size=30))
def test_disarm_always_leads_to_disarmed(path):
    assert walk([*path, t.Action.DISARM])[-1] == t.DISARMED


@given(st.lists(actions, max_size=30))
def test_the_siren_needs_a_trigger_and_both_delays(path):
    if walk(path)[-1] == t.TRIGGERED:
        needed = [t.Action.EXIT_ELAPSED, t.Action.TRIGGER, t.Action.ENTRY_ELAPSED]
        remaining = iter(path)
        assert all(action in remaining for action in needed)  # in this order


@given(st.sampled_from(POSITIONS), actions)
def test_what_the_table_does_not_name_is_refused_with_a_sentence(position, action):
    if (position, action) not in t.TRANSITIONS:
        with pytest.raises(t.IllegalTransition, match=r"^The alarm is [a-z ]+: .+\.$"):
            t.step(position, action)


def test_every_position_is_reachable_and_every_timed_state_moves_on_by_itself():
    reached = {t.DISARMED} | set(t.TRANSITIONS.values())
    assert reached == set(POSITIONS)
    for position in POSITIONS:
        if position.state in t.TIMED:
            action, _setting = t.TIMED[position.state]
            assert t.step(position, action) != position
