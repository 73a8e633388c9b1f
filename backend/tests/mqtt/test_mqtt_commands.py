"""Commands and reports that arrive over MQTT: which are carried out, and which never are."""

import datetime as dt
import json

import pytest
from django.utils import timezone

from alarm.models import Event, Sensor
from integrations.mqtt import intake
from people import codes
from tests.actions import armed, is_state, make_sensor, state
from tests.conftest import PIN, until
from tests.mqtt.tools import newcomer

pytestmark = pytest.mark.django_db(transaction=True)


def command(action: str, code: str = PIN) -> dict:
    return {"action": action, "code": code}


def recorded(words: str):
    """Wait until an event's detail has these words, and return it."""
    found = Event.objects.filter(detail__contains=words)
    return until(found.first, what=f"an event: {words}")


def all_is_taken(say) -> None:
    """Wait until all messages before this one are processed: they are processed one by one."""
    say("a mark")
    recorded("not JSON")


@pytest.fixture
def say(connected, other_client, topics, pin):
    """A function that publishes to the command topic."""
    other_client.has(topics.state, "disarmed")
    return lambda payload, retain=False: other_client.publish(topics.command, payload, retain)


@pytest.mark.parametrize("mode", ["home", "away", "night"])
def test_the_right_code_arms_and_disarms(say, other_client, topics, mode):
    say(command(f"ARM_{mode.upper()}"))
    other_client.has(topics.state, "arming")
    say(command("DISARM"))
    other_client.has(topics.state, "disarmed")
    made = Event.objects.filter(kind="transition").order_by("id").first()
    assert (made.cause, made.source, made.to_state) == ("mqtt", "MQTT", "arming")


def test_the_event_of_a_persons_code_names_the_person(say, admin, transactional_db):
    codes.create("8642", "Anna's", person=admin)
    say(command("ARM_AWAY", "8642"))
    until(is_state("arming"), what="the arming")
    assert Event.objects.filter(kind="transition").get().person_name == admin.name


@pytest.mark.parametrize("action", ["ARM_AWAY", "DISARM"])
def test_a_wrong_code_does_nothing_and_is_recorded(say, action):
    before = "disarmed" if action == "ARM_AWAY" else armed()["state"]
    say(command(action, "9999"))
    event = until(Event.objects.filter(kind="wrong_pin").first, what="the wrong PIN")
    all_is_taken(say)
    assert (event.cause, event.source) == ("mqtt", "MQTT")
    assert state() == before
    assert "9999" not in str(list(Event.objects.values()))


def test_five_wrong_codes_lock_out_mqtt_only(say):
    armed()
    for number in range(5):
        say(command("DISARM", f"999{number}"))
    until(Event.objects.filter(kind="lockout").first, what="the lock-out")
    say(command("DISARM"))
    recorded("DISARM: Too many wrong attempts")
    assert state() == "armed_away"
    assert codes.verify(PIN, "person:1")


@pytest.mark.parametrize("action", ["ARM_AWAY", "DISARM"])
def test_a_duress_code_looks_like_any_other(say, other_client, topics, action):
    codes.create("6666", "Under duress", duress=True)
    if action == "DISARM":
        armed()
        other_client.has(topics.state, "armed_away")
    other_client.received.clear()
    say(command(action, "6666"))
    other_client.has(topics.state, "arming" if action == "ARM_AWAY" else "disarmed")
    usual = {topics.command, topics.attributes, topics.state, topics.event}
    until(lambda: usual <= dict(other_client.received).keys(), what="the usual messages")
    assert dict(other_client.received).keys() == usual
    assert "duress" not in str(other_client.received)
    assert Event.objects.filter(kind="duress").get().cause == "mqtt"


def test_a_code_out_of_its_time_does_not_disarm(say):
    armed()
    yesterday = timezone.now() - dt.timedelta(days=1)
    codes.create("7777", "Guest", valid_until=yesterday)
    say(command("DISARM", "7777"))
    until(Event.objects.filter(kind="wrong_pin").first, what="the refusal")
    all_is_taken(say)
    assert state() == "armed_away"


NO_CODES = [{"code": ""}, {"code": "None"}, {"code": None}, {}]


@pytest.mark.parametrize("code", NO_CODES)
def test_to_arm_needs_a_code_unless_the_setting_says_otherwise(say, code):
    say({"action": "ARM_AWAY", **code})
    recorded("ARM_AWAY without a code")
    assert state() == "disarmed"


@pytest.fixture
def say_without(start, other_client, topics, pin):
    """Like `say`, where arming needs no code."""
    start(arm_without_code=True)
    other_client.has(topics.state, "disarmed")
    return lambda payload: other_client.publish(topics.command, payload)


@pytest.mark.parametrize("code", NO_CODES)
def test_an_automation_may_arm_without_a_code(say_without, other_client, topics, code):
    config = json.loads(other_client.retained[topics.panel_config])
    assert (config["code_arm_required"], config["code_disarm_required"]) == (False, True)
    say_without({"action": "ARM_AWAY", **code})
    until(is_state("arming"), what="the arming")
    assert Event.objects.filter(kind="transition").get().source == "MQTT"


@pytest.mark.parametrize("code", NO_CODES)
def test_to_disarm_always_needs_a_code(say_without, code):
    armed()
    say_without({"action": "DISARM", **code})
    recorded("DISARM without a code")
    assert state() == "armed_away"
    say_without(command("DISARM"))
    until(is_state("disarmed"), what="the disarming with a code")


def test_a_wrong_code_does_not_arm_even_then(say_without):
    say_without(command("ARM_AWAY", "9999"))
    until(Event.objects.filter(kind="wrong_pin").first, what="the wrong PIN")
    all_is_taken(say_without)
    assert state() == "disarmed"


def test_an_open_door_prevents_arming(say):
    make_sensor(active=True)
    say(command("ARM_AWAY"))
    recorded("ARM_AWAY: Not ready to arm: Back door is open.")
    assert state() == "disarmed"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"DISARM", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 1000, "not JSON"),
        (b"[1]", "not a JSON object"),
        (b'{"action": "disarm", "code": "2580"}', "none of"),
        (b'{"action": ["DISARM"], "code": "2580"}', "none of"),
        (b'{"action": "DISARM"}', "without a code"),
        (b'{"action": "DISARM", "code": 2580}', "without a code"),
        (b'{"action": "DISARM", "code": "None"}', "without a code"),
        (b'{"action": "ARM_AWAY", "code": ""}', "without a code"),
        (b'{"action": "DISARM", "code": "2580", "x": "' + b"x" * 1024 + b'"}', "1024 bytes"),
        (b"", "not JSON"),
    ],
)
def test_an_invalid_command_is_ignored_and_recorded(say, payload, reason):
    armed()
    say(payload)
    event = recorded(reason)
    assert (event.kind, event.cause) == ("integration", "mqtt")
    assert PIN not in event.detail
    assert state() == "armed_away"


def test_a_retained_command_is_never_carried_out(say, other_client, topics):
    armed()
    say(command("DISARM"), retain=True)
    recorded("retain flag")
    until(lambda: topics.command not in newcomer([topics.command]), what="its removal")
    assert state() == "armed_away"


def test_a_command_retained_before_the_start_is_not_carried_out(start, other_client, topics, pin):
    armed()
    other_client.publish(topics.command, command("DISARM"), retain=True)
    start()
    recorded("retain flag")
    other_client.has(topics.state, "armed_away")
    until(lambda: topics.command not in newcomer([topics.command]), what="its removal")


def test_a_repeated_command_counts_once(say):
    armed()
    say(command("DISARM", "9999"))
    say(command("DISARM", "9999"))
    recorded("sent twice")
    assert Event.objects.filter(kind="wrong_pin").count() == 1


def test_a_command_that_waited_is_ignored(say, monkeypatch):
    armed()
    monkeypatch.setattr(intake, "LATE", -1.0)
    say(command("DISARM"))
    recorded("waited too long")
    assert state() == "armed_away"


def test_a_flood_does_not_fill_the_history(say):
    for number in range(60):
        say(f"nonsense {number}")
    say(command("ARM_AWAY"))
    until(is_state("arming"), what="the command after the flood")
    assert Event.objects.filter(kind="integration", detail__startswith="Ignored").count() <= 10
    recorded("More in this minute are not recorded.")


# --- Sensors --------------------------------------------------------------------------------------


@pytest.fixture
def report(connected, other_client, topics):
    """A function that publishes what a sensor reports, and returns the sensor."""
    sensor = make_sensor()
    other_client.has(topics.state, "disarmed")

    def publish(payload, sensor_id=None, retain=False) -> Sensor:
        name = f"{topics.base}/sensor/{sensor_id or sensor.pk}/set"
        other_client.publish(name, payload, retain)
        return sensor

    return publish


def is_active(sensor: Sensor, active: bool | None):
    return lambda: Sensor.objects.get(pk=sensor.pk).active is active


def test_a_sensor_reports_in_a_word_or_in_json(report, other_client, topics):
    sensor = report("ON")
    until(is_active(sensor, True), what="ON")
    other_client.has(topics.sensor_state(sensor.pk), "ON")
    report({"active": False, "event_id": "1", "at": timezone.now().isoformat()})
    until(is_active(sensor, False), what="active: false")
    other_client.has(topics.sensor_state(sensor.pk), "OFF")


def test_a_sensor_sets_the_alarm_off(report):
    armed()
    report("ON")
    until(is_state("triggered"), what="the alarm")
    transition = Event.objects.filter(kind="transition", to_state="triggered").get()
    assert (transition.cause, transition.sensor_name) == ("mqtt", "Back door")


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({"active": True, "at": "2026-01-01T00:00:00Z"}, "5 minutes old"),
        ({"active": True, "at": "2099-01-01T00:00:00Z"}, "of the future"),
        ({"active": "yes"}, "not like"),
        ({"active": True, "event_id": "x" * 65}, "not like"),
        ("on", "neither ON, OFF nor JSON"),
        ("x" * 2000, "1024 bytes"),
    ],
)
def test_a_wrong_report_is_ignored_and_recorded(report, payload, reason):
    sensor = report(payload)
    recorded(reason)
    assert is_active(sensor, None)()


def test_a_report_is_taken_once(report):
    sensor = report({"active": True, "event_id": "7"})
    until(is_active(sensor, True), what="the report")
    report("OFF")
    until(is_active(sensor, False), what="OFF")
    report({"active": True, "event_id": "7"})
    recorded("received before")
    assert is_active(sensor, False)()


def test_an_unknown_sensor_is_ignored(report):
    report("ON", sensor_id=987654)
    recorded("sensor 987654: There is no such sensor.")


@pytest.mark.parametrize("sensor_id", ["x", "-1"])
def test_what_names_no_sensor_is_not_answered(report, other_client, topics, sensor_id):
    report("ON", sensor_id=sensor_id)
    sensor = report("ON")
    until(is_active(sensor, True), what="the report after it")
    other_client.has(topics.sensor_state(sensor.pk), "ON")
    said = [
        payload for topic, payload in other_client.received if topic.endswith(f"{sensor_id}/set")
    ]
    assert said == ["ON"]


def test_a_retained_report_is_ignored(start, other_client, topics):
    sensor = make_sensor()
    stored, live = f"{topics.base}/sensor/{sensor.pk}/set", make_sensor("Live")
    other_client.publish(stored, "ON", retain=True)
    start()
    other_client.has(topics.state, "disarmed")
    # Many devices set the flag on every message; a new message counts all the same.
    other_client.publish(f"{topics.base}/sensor/{live.pk}/set", "ON", retain=True)
    until(is_active(live, True), what="the state of the report")
    assert is_active(sensor, None)()
