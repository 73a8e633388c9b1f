"""Home Assistant's other entities: trouble, the alarm's memory, events and buttons."""

import json

import pytest

from alarm import services
from alarm.models import Alarm, Cause, Event
from alarm.sensor_types import Kind
from integrations.mqtt import announcer, buttons, entities
from people import codes
from tests.actions import ANNA, armed, current, disarm, end_delay, hear, is_state, make_sensor
from tests.conftest import PIN, until
from tests.mqtt.tools import Wire, is_status

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def published(connected, other_client, topics):
    """A function that returns the events that were published."""
    return lambda: [
        json.loads(text) for topic, text in other_client.received if topic == topics.event
    ]


def types(published) -> list[str]:
    return [event["event_type"] for event in published()]


# --- What is shown --------------------------------------------------------------------------------


def test_each_entity_is_announced_with_its_panel(connected, other_client, topics):
    found = list(entities.all_of(topics))
    assert {component for component, _, _ in found} == {"binary_sensor", "event", "button"}
    for component, name, config in found:
        other_client.has(topics.entity_config(component, name), json.dumps(config))
    panel = json.loads(other_client.retained[topics.panel_config])
    assert all(config["device"] == panel["device"] for _, _, config in found)
    assert len({config["unique_id"] for _, _, config in found}) == len(found)


def test_a_trouble_is_shown_until_it_ends(connected, other_client, topics):
    window = make_sensor("Window")
    hear(window, False)
    other_client.has(topics.trouble, "OFF")
    hear(window, None, battery_low=True)
    other_client.has(topics.trouble, "ON")
    shown = json.loads(other_client.retained[topics.attributes])
    assert shown["trouble"] == {"Window": ["low_battery"]}
    hear(window, None, battery_low=False)
    other_client.has(topics.trouble, "OFF")


def test_there_was_an_alarm_is_shown_until_it_is_acknowledged(connected, other_client, topics):
    window = make_sensor("Window")
    other_client.has(topics.memory, "OFF")
    armed()
    hear(window)
    other_client.has(topics.memory, "ON")
    until(lambda: json.loads(other_client.retained[topics.attributes])["siren"], what="the siren")
    disarm()
    other_client.has(topics.state, "disarmed")
    assert other_client.retained[topics.memory] == "ON"
    (one,) = json.loads(other_client.retained[topics.attributes])["memory"]
    assert one["name"] == "Window"
    other_client.publish(topics.button("acknowledge"), "PRESS")
    other_client.has(topics.memory, "OFF")
    assert Event.objects.filter(kind="acknowledged", cause="mqtt").count() == 1


# --- Events ---------------------------------------------------------------------------------------


def test_what_happens_is_published_once_and_not_retained(published, other_client, topics):
    window = make_sensor("Window")
    armed()
    hear(window)
    hear(window, None, battery_low=True)
    disarm()
    services.acknowledge(ANNA, Cause.API)
    expected = ["arming", "armed", "triggered", "trouble", "disarmed", "acknowledged"]
    until(lambda: types(published) == expected, what="each event")
    one = published()[2]
    assert (one["sensor"], one["mode"]) == ("Window", None)
    assert published()[1]["mode"] == "away"
    assert published()[4]["by"] == "Anna"
    assert {*expected} <= {*entities.EVENT_TYPES}
    assert topics.event not in other_client.retained


def test_neither_duress_nor_a_silent_panic_is_published(published, other_client, topics):
    pressed = make_sensor("Button", kind=Kind.PANIC, type="silent_panic")
    armed()
    hear(pressed)
    codes.create("4711", "Under duress", duress=True)
    other_client.publish(topics.command, {"action": "DISARM", "code": "4711"})
    until(lambda: "disarmed" in types(published), what="the disarming")
    assert Event.objects.filter(kind="duress").exists()
    assert Event.objects.filter(kind="silent_panic").exists()
    assert types(published) == ["arming", "armed", "disarmed"]
    heard = " ".join(text for _, text in other_client.received)
    assert "duress" not in heard.lower()
    assert "silent" not in heard
    assert other_client.retained[topics.memory] == "OFF"
    assert other_client.retained.get(topics.sensor_state(pressed.pk)) == "OFF"


def test_what_happens_while_the_broker_is_away_is_published_later(start, other_client, topics):
    wire = Wire()
    start(port=wire.port)
    other_client.has(topics.availability, "online")

    def heard() -> list[str]:
        events = [text for topic, text in other_client.received if topic == topics.event]
        return [json.loads(text)["event_type"] for text in events]

    def is_following() -> bool:
        armed("home")
        disarm()
        return bool(heard())

    until(is_following, what="the first event")
    until(lambda: heard()[-1] == "disarmed", what="the last of them")
    wire.is_dead = True
    wire.cut()
    is_status("unreachable")
    before = len(heard())
    armed("home")
    wire.is_dead = False
    until(lambda: heard()[before:] == ["arming", "armed"], what="the events")
    wire.close()


def test_what_is_long_past_starts_no_automation(published, monkeypatch):
    monkeypatch.setattr(announcer, "LATE", announcer.LATE * 0)
    armed()
    monkeypatch.setattr(announcer, "LATE", announcer.dt.timedelta(minutes=5))
    disarm()
    until(lambda: "disarmed" in types(published), what="the newer event")


# --- Buttons --------------------------------------------------------------------------------------


def test_the_panic_button_sounds_the_siren(connected, other_client, topics):
    other_client.publish(topics.button("panic"), "PRESS")
    until(is_state("triggered"), what="the alarm")
    (cause,) = current()["triggered_by"]
    assert cause["name"] == "panic button (MQTT)"
    assert current()["siren"] is True


@pytest.mark.parametrize("button", entities.BUTTONS)
def test_a_retained_press_is_removed_and_ignored(start, other_client, topics, button):
    other_client.publish(topics.button(button), "PRESS", retain=True)
    start()
    other_client.has(topics.button(button), None)
    other_client.has(topics.state, "disarmed")
    noted = Event.objects.filter(kind="integration", detail__contains="retain flag")
    until(noted.exists, what="the note")
    assert not Event.objects.filter(kind="transition").exists()


@pytest.mark.parametrize(
    ("button", "payload", "reason"),
    [
        ("panic", "press", "that is not PRESS"),
        ("panic", "", "that is not PRESS"),
        ("acknowledge", "PRESS", "There was no alarm"),
    ],
)
def test_a_press_that_means_nothing_is_recorded(
    connected, other_client, topics, button, payload, reason
):
    other_client.publish(topics.button(button), payload)
    noted = Event.objects.filter(kind="integration", detail__contains=reason)
    until(noted.exists, what="the note")
    assert current()["state"] == "disarmed"


def test_a_button_pressed_twice_at_once_counts_once(connected, other_client, topics, monkeypatch):
    monkeypatch.setattr(buttons, "TWICE_WITHIN", 60.0)
    for _ in range(3):
        other_client.publish(topics.button("panic"), "PRESS")
    noted = Event.objects.filter(kind="integration", detail__contains="pressed twice")
    until(lambda: noted.count() == 2, what="both notes")
    assert Event.objects.filter(kind="transition", to_state="triggered").count() == 1


# --- Commands -------------------------------------------------------------------------------------


def test_vacation_is_a_mode(connected, other_client, topics, pin):
    make_sensor(modes=["vacation"])
    other_client.publish(topics.command, {"action": "ARM_VACATION", "code": PIN})
    until(is_state("arming"), what="the exit delay")
    end_delay()
    other_client.has(topics.state, "armed_vacation")


def test_with_force_what_is_open_is_bypassed(connected, other_client, topics, pin):
    window = make_sensor("Window")
    hear(window)
    other_client.publish(topics.command, {"action": "ARM_AWAY", "code": PIN})
    refused = Event.objects.filter(kind="integration", detail__contains="Window is open")
    until(refused.exists, what="the refusal")
    other_client.publish(topics.command, {"action": "ARM_AWAY", "code": PIN, "force": True})
    until(is_state("arming"), what="the exit delay")
    window.refresh_from_db()
    assert window.bypassed


@pytest.mark.parametrize("force", ["yes", 1, None])
def test_a_force_that_is_no_boolean_arms_nothing(connected, other_client, topics, pin, force):
    other_client.publish(topics.command, {"action": "ARM_AWAY", "code": PIN, "force": force})
    noted = Event.objects.filter(kind="integration", detail__contains="force")
    until(noted.exists, what="the note")
    assert Alarm.objects.get().state == "disarmed"


def test_force_needs_a_code_also_where_arming_needs_none(start, other_client, topics, pin):
    start(arm_without_code=True)
    other_client.has(topics.availability, "online")
    hear(make_sensor("Window"))
    other_client.publish(topics.command, {"action": "ARM_AWAY", "force": True})
    noted = Event.objects.filter(kind="integration", detail__contains="without a code")
    until(noted.exists, what="the note")
    assert Alarm.objects.get().state == "disarmed"


def test_from_one_mode_to_a_weaker_one_needs_a_code(start, other_client, topics, pin):
    start(arm_without_code=True)
    other_client.has(topics.availability, "online")
    make_sensor("Hall", modes=["away"])
    armed("away")
    other_client.publish(topics.command, {"action": "ARM_HOME"})
    noted = Event.objects.filter(kind="integration", detail__contains="needs a PIN")
    until(noted.exists, what="the note")
    other_client.publish(topics.command, {"action": "ARM_HOME", "code": PIN})
    until(is_state("arming"), what="the exit delay of the other mode")


# --- Reports --------------------------------------------------------------------------------------


def test_battery_tampering_and_a_sign_of_life_are_reported(connected, other_client, topics):
    door = make_sensor()
    other_client.publish(topics.sensor_set(door.pk), {"battery_low": True, "tamper": True})

    def trouble() -> list[str]:
        door.refresh_from_db()
        return [str(one) for one in door.trouble]

    until(lambda: trouble() == ["low_battery", "tamper"], what="both troubles")
    assert door.active is None
    before = door.last_heard_at
    other_client.publish(topics.sensor_set(door.pk), {})
    until(lambda: trouble() and door.last_heard_at > before, what="the sign of life")
