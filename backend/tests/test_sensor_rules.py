"""Each rule of alarm/sensor_rules.py, in every position."""

from hypothesis import given
from hypothesis import strategies as st

from alarm import sensor_rules
from alarm import transitions as t
from alarm.models import Kind, Mode, Sensor

POSITIONS = sorted({position for position, _action in t.TRANSITIONS}, key=str)
positions = st.sampled_from(POSITIONS)
sensors = st.builds(
    Sensor,
    id=st.integers(1, 9),
    name=st.just("Back door"),
    kind=st.sampled_from([kind.value for kind in Kind]),
    modes=st.lists(st.sampled_from([mode.value for mode in Mode]), unique=True),
    entry_delay=st.booleans(),
    bypassed=st.booleans(),
    active=st.sampled_from([True, False, None]),
)


@given(positions, sensors)
def test_a_reaction_is_always_a_legal_transition(position, sensor):
    action = sensor_rules.reaction(position, sensor)
    assert action is None or (position, action) in t.TRANSITIONS


@given(positions, sensors)
def test_smoke_and_water_always_sound_the_siren(position, sensor):
    if sensor.kind in ("smoke", "water"):
        assert sensor_rules.reaction(position, sensor) is t.Action.TRIGGER


@given(positions, sensors)
def test_the_others_are_live_in_their_modes_unless_bypassed(position, sensor):
    if sensor.kind in ("smoke", "water"):
        return
    mode = sensor_rules.mode_of(position)
    is_live = mode in sensor.modes and not sensor.bypassed
    action = sensor_rules.reaction(position, sensor)
    if not is_live:
        assert action is None
    elif not sensor.entry_delay:
        assert action is t.Action.TRIGGER
    else:
        expected = {t.State.ARMING: None, t.State.PENDING: None, t.State.TRIGGERED: "trigger"}
        assert action == expected.get(position.state, "enter")


def test_the_mode_of_every_position():
    for position in POSITIONS:
        mode = sensor_rules.mode_of(position)
        if position in (t.DISARMED, t.TRIGGERED):
            assert mode is None
        else:
            assert f"armed_{mode}" in position


@given(st.lists(sensors, max_size=5), st.sampled_from(list(Mode)))
def test_only_open_live_sensors_prevent_arming(all_sensors, mode):
    expected = [
        {"id": sensor.pk, "name": sensor.name}
        for sensor in all_sensors
        if sensor.active is True
        and not sensor.bypassed
        and mode in sensor.modes
        and sensor.kind in ("door", "window", "motion")
        and (sensor.kind != "motion" or not sensor.entry_delay)
    ]
    assert sensor_rules.not_ready(all_sensors)[mode.value] == expected


@given(sensors)
def test_every_report_has_words(sensor):
    assert sensor_rules.words(sensor).endswith(".")
