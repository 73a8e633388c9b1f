"""The state machine: what no sequence of actions can reach."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alarm import transitions as t
from alarm.models import AlarmSettings

POSITIONS = sorted({position for position, _action in t.TRANSITIONS}, key=str)
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


def test_there_are_eighteen_positions():
    """Disarmed, triggered from there, and four for each mode; each armed state without a target."""
    assert len(POSITIONS) == 18
    assert len(POSITIONS) == 2 + 4 * len(t.ARMED)
    for position in POSITIONS:
        timed_by_an_intruder = position.state in t.TIMED and position != t.TRIGGERED
        assert (position.target in t.ARMED) == timed_by_an_intruder


@given(st.lists(actions, max_size=30))
def test_only_known_positions_are_reached(path):
    assert set(walk(path)) <= set(POSITIONS)


@given(st.lists(actions, max_size=30))
def test_disarm_always_leads_to_disarmed(path):
    assert walk([*path, t.Action.DISARM])[-1] == t.DISARMED


@given(st.lists(actions, max_size=30))
def test_the_mode_is_kept_until_disarmed(path):
    """No action makes an alarm that is armed home armed away."""
    modes = {position.state for position in walk(path) if position.state in t.ARMED}
    chosen = {
        t.State(f"armed_{action.removeprefix('arm_')}")
        for action in path
        if action.startswith("arm_")
    }
    assert modes <= chosen


@given(st.lists(actions, max_size=30))
def test_an_entry_delay_begins_only_when_armed(path):
    positions = walk(path)
    for before, after in pairwise(positions):
        if after.state is t.State.PENDING and before != after:
            assert before == t.Position(after.target)


@given(st.lists(actions, max_size=30))
def test_the_alarm_is_armed_after_a_delay_and_never_at_once(path):
    positions = walk(path)
    for before, action, after in zip(positions, path, positions[1:], strict=False):
        if after.state in t.ARMED and before != after:
            assert action in {t.Action.EXIT_ELAPSED, t.Action.SIREN_ELAPSED}


@given(st.lists(actions, max_size=30))
def test_the_siren_sounds_at_once_or_after_an_entry_delay_and_for_no_other_reason(path):
    positions = walk(path)
    for before, action, after in zip(positions, path, positions[1:], strict=False):
        if after.state is t.State.TRIGGERED and before.state is not t.State.TRIGGERED:
            assert action in {t.Action.TRIGGER, t.Action.ENTRY_ELAPSED}
        if before.state is t.State.TRIGGERED and after.state is not t.State.TRIGGERED:
            assert action in {t.Action.DISARM, t.Action.SIREN_ELAPSED, t.Action.ALL_CLEAR}


@given(st.sampled_from(POSITIONS), actions)
def test_what_the_table_does_not_name_is_refused_with_a_sentence(position, action):
    if (position, action) not in t.TRANSITIONS:
        with pytest.raises(t.IllegalTransition, match=r"^The alarm is [a-z ]+: .+\.$"):
            t.step(position, action)


def test_the_siren_can_sound_from_everywhere_but_an_entry_delay_only_from_armed():
    assert {position for position, action in t.TRANSITIONS if action is t.Action.TRIGGER} == {
        position for position in POSITIONS if position.state not in t.ARMED
    } | {t.Position(state) for state in t.ARMED}
    assert {position for position, action in t.TRANSITIONS if action is t.Action.ENTER} == {
        t.Position(state) for state in t.ARMED
    }


def test_every_timed_state_moves_on_by_itself_after_a_delay_that_can_be_set():
    names = {field.name for field in AlarmSettings._meta.fields}
    for position in POSITIONS:
        if position.state in t.TIMED:
            action, setting = t.TIMED[position.state]
            assert t.step(position, action) != position
            assert setting in names


@pytest.mark.parametrize("mode", ["home", "away", "night", "vacation"])
def test_an_intrusion_from_entry_to_siren(mode):
    path = [t.Action(f"arm_{mode}"), t.Action.EXIT_ELAPSED, t.Action.ENTER]
    path += [t.Action.ENTRY_ELAPSED, t.Action.TRIGGER, t.Action.SIREN_ELAPSED, t.Action.DISARM]
    states = ["disarmed", "arming", f"armed_{mode}", "pending", "triggered", "triggered"]
    states += [f"armed_{mode}", "disarmed"]
    assert [str(position.state) for position in walk(path)] == states
