"""Each rule of alarm/sensor_rules.py, in every position."""

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from alarm import sensor_rules
from alarm import transitions as t
from alarm.models import Sensor
from alarm.sensor_types import TYPES, Mode, defaults

POSITIONS = sorted({position for position, _action in t.TRANSITIONS}, key=str)
positions = st.sampled_from(POSITIONS)
NOW = timezone.now()
KINDS_AND_TYPES = [(kind, type) for kind, types in TYPES.items() for type in types]
AT_ONCE = {"fire", "carbon_monoxide", "gas", "water", "tamper", "panic"}
NO_BYPASS = {"fire", "carbon_monoxide", "gas", "water", "panic", "silent_panic"}


@st.composite
def all_sensors(draw) -> Sensor:
    """A sensor as the API would store it."""
    kind, type = draw(st.sampled_from(KINDS_AND_TYPES))
    modes = st.lists(st.sampled_from([mode.value for mode in Mode]), unique=True)
    default = defaults(kind, type)
    return Sensor(
        id=draw(st.integers(1, 9)),
        name="Back door",
        kind=kind.value,
        type=type.value,
        modes=draw(modes) if default.has_modes else default.modes,
        bypassed=type not in NO_BYPASS and draw(st.booleans()),
        active=draw(st.sampled_from([True, False, None])),
        tampered=draw(st.booleans()),
        no_contact=draw(st.booleans()),
        final_door=default.has_final_door and draw(st.booleans()),
        last_heard_at=draw(st.sampled_from([None, NOW])),
    )


sensors = all_sensors()


@given(positions, sensors)
def test_a_reaction_is_always_a_legal_transition(position, sensor):
    action = sensor_rules.reaction(position, sensor)
    assert action is None or (position, action) in t.TRANSITIONS


@given(positions, sensors)
def test_the_other_reactions_are_legal_transitions_too(position, sensor):
    for rule in (sensor_rules.reaction_to_closing, sensor_rules.reaction_to_tampering):
        action = rule(position, sensor)
        assert action is None or (position, action) in t.TRANSITIONS


@given(positions, sensors)
def test_what_protects_lives_sounds_the_siren_in_every_state(position, sensor):
    if sensor.type in AT_ONCE and not sensor.bypassed:
        assert sensor_rules.reaction(position, sensor) is t.Action.TRIGGER


@given(positions, sensors)
def test_a_silent_panic_and_an_environmental_sensor_sound_nothing(position, sensor):
    if sensor.type in ("silent_panic", "environmental"):
        assert sensor_rules.reaction(position, sensor) is None


@given(positions, sensors)
def test_the_others_are_live_in_their_modes_unless_bypassed(position, sensor):
    if sensor.type not in ("entry_exit", "perimeter", "interior"):
        return
    action = sensor_rules.reaction(position, sensor)
    if sensor_rules.mode_of(position) not in sensor.modes or sensor.bypassed:
        assert action is None
        return
    ignored = {t.State.ARMING: None, t.State.PENDING: None}
    expected = {
        "perimeter": {},
        "interior": ignored,
        "entry_exit": {**ignored, **dict.fromkeys(t.ARMED, t.Action.ENTER)},
    }
    assert action == expected[sensor.type].get(position.state, t.Action.TRIGGER)


@given(positions, sensors)
def test_tampering_sounds_the_siren_only_where_the_sensor_is_watched_and_armed(position, sensor):
    mode = sensor_rules.mode_of(position)
    is_watched = sensor.type not in ("silent_panic", "environmental") and not sensor.bypassed
    expected = t.Action.TRIGGER if mode in sensor.modes and is_watched else None
    assert sensor_rules.reaction_to_tampering(position, sensor) == expected


@given(positions, sensors)
def test_only_a_final_door_ends_the_exit_delay_and_nothing_else(position, sensor):
    action = sensor_rules.reaction_to_closing(position, sensor)
    is_last = sensor.final_door and not sensor.bypassed and position.target
    is_last = is_last and sensor_rules.mode_of(position) in sensor.modes
    expected = is_last and position.state is t.State.ARMING
    assert action == (t.Action.EXIT_ELAPSED if expected else None)


def test_the_mode_of_every_position():
    for position in POSITIONS:
        mode = sensor_rules.mode_of(position)
        if position in (t.DISARMED, t.TRIGGERED):
            assert mode is None
        else:
            assert f"armed_{mode}" in position


def why(sensor: Sensor) -> list[str]:
    """Return the reasons, written down another way than the rules are."""
    if sensor.bypassed or sensor.type not in ("entry_exit", "perimeter", "interior", "tamper"):
        return []
    found = []
    is_open = sensor.active is True
    may_move = sensor.kind == "motion" and sensor.type != "perimeter"
    if is_open and sensor.type != "tamper" and not may_move:
        found.append("open")
    if sensor.no_contact or sensor.last_heard_at is None:
        found.append("no_contact")
    if sensor.tampered or (is_open and sensor.type == "tamper"):
        found.append("tamper")
    return found


@given(st.lists(sensors, max_size=5), st.sampled_from(list(Mode)))
def test_only_what_the_mode_relies_on_prevents_arming(found, mode):
    expected = [
        {"id": sensor.pk, "name": sensor.name, "reasons": why(sensor)}
        for sensor in found
        if mode in sensor.modes and why(sensor)
    ]
    assert sensor_rules.not_ready(found)[mode.value] == expected


@given(sensors)
def test_what_prevents_arming_can_always_be_bypassed(sensor):
    if sensor_rules.reasons(sensor):
        assert sensor_rules.can_be_bypassed(sensor)
        sensor.bypassed = True
        assert sensor_rules.reasons(sensor) == []


def test_without_a_heartbeat_a_sensor_that_was_never_heard_prevents_nothing():
    sensor = Sensor(kind="door", type="perimeter", modes=["away"], heartbeat=0)
    assert sensor_rules.reasons(sensor) == []


@given(sensors)
def test_every_report_has_words(sensor):
    assert sensor_rules.words(sensor).endswith(".")
