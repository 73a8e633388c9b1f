"""Accounts at the stack's broker: what a client with each of them can do, and cannot."""

import json

import pytest

from alarm.models import Sensor
from integrations.models import MqttAccount
from integrations.mqtt import accounts, passwords
from integrations.mqtt import broker as brokers
from tests.actions import armed, is_state, make_sensor, state
from tests.conftest import PIN, until
from tests.mqtt import tools
from tests.mqtt.attacker import NOT_AUTHORIZED, Client, login
from tests.mqtt.tools import OtherClient, docker, is_status

pytestmark = pytest.mark.django_db(transaction=True)

DISARM = json.dumps({"action": "DISARM", "code": PIN})


@pytest.fixture(autouse=True)
def bundled(monkeypatch):
    """The broker of the tests is the stack's own."""
    monkeypatch.setattr(brokers, "BUNDLED", tools.HOST)


@pytest.fixture
def ask(connected, login_as_admin):
    return login_as_admin


@pytest.fixture
def login_as_admin(login, admin):
    browser = login(admin)
    return lambda method, path, body=None: browser.ask(method, path, body)


@pytest.fixture
def add_sensor(ask):
    """A function that adds a sensor over the API and returns its id, login and topic."""

    def add(name: str) -> dict:
        body = {"name": name, "kind": "door", "heartbeat": 0}
        answer = ask("POST", "sensors/", body).json()
        return {"id": answer["id"], "password": answer["token"], **answer["mqtt"]}

    return add


@pytest.fixture
def enter():
    """A function that logs in at the broker; all log out at the end."""
    inside = []

    def begin(account: dict, **options: str) -> Client:
        inside.append(login(account["username"], account["password"], **options))
        return inside[-1]

    yield begin
    for client in inside:
        client.leave()


@pytest.fixture
def home_assistant(ask, enter):
    account = ask("POST", "integrations/mqtt/home-assistant/").json()
    return enter(account, client_id="home-assistant-7")


def is_active(sensor_id: int, active: bool | None):
    return lambda: Sensor.objects.get(pk=sensor_id).active is active


# --- What works -----------------------------------------------------------------------------------


def test_a_sensor_reports_with_the_login_that_is_shown_with_its_token(add_sensor, enter, topics):
    door = add_sensor("Front door")
    assert door["username"] == f"sensor-{door['id']}"
    assert door["topic"] == topics.sensor_set(door["id"])
    assert enter(door).publish(door["topic"], "ON") == "Success"
    until(is_active(door["id"], True), what="the report")


def test_home_assistant_reads_the_states_and_sends_commands(home_assistant, topics, pin):
    armed()
    for topic in (topics.state, topics.availability, topics.sensor_states, f"{topics.prefix}/#"):
        assert home_assistant.subscribe(topic) == "Granted QoS 1"
    until(lambda: (topics.state, "armed_away") in home_assistant.received, what="the state")
    until(lambda: topics.panel_config in dict(home_assistant.received), what="discovery")
    assert home_assistant.publish(topics.command, DISARM) == "Success"
    until(is_state("disarmed"), what="the disarming")
    assert home_assistant.publish("homeassistant/status", "online") == "Success"


# --- A sensor that belongs to a burglar -----------------------------------------------------------


@pytest.mark.parametrize(
    "wish", ["#", "+/+/+", "{base}/#", "{base}/command", "$SYS/#", "$share/x/{base}/command"]
)
def test_a_sensor_cannot_read_the_pin_that_home_assistant_sends(
    add_sensor, enter, home_assistant, topics, pin, wish
):
    sensor = enter(add_sensor("Front door"))
    armed()
    wish = wish.format(base=topics.base)
    # Before: each device had the panel's own account, and with it this is what it heard.
    everything = OtherClient("#")
    assert sensor.subscribe(wish) == NOT_AUTHORIZED
    home_assistant.publish(topics.command, DISARM)
    until(is_state("disarmed"), what="the disarming")
    until(lambda: (topics.command, DISARM) in everything.received, what="what was heard before")
    everything.leave()
    # The broker handles a client's messages one by one: what it had to receive would be here.
    sensor.publish(topics.sensor_set(1), "a mark")
    assert sensor.received == []


def test_a_sensor_cannot_report_for_another(add_sensor, enter, topics):
    own, other = add_sensor("Front door"), add_sensor("Back door")
    sensor = enter(own)
    assert sensor.publish(other["topic"], "ON") == NOT_AUTHORIZED
    assert sensor.publish(own["topic"], "ON") == "Success"
    until(is_active(own["id"], True), what="its own report, which came later")
    assert is_active(other["id"], None)()


def test_a_sensor_cannot_write_states_commands_or_discovery(
    add_sensor, enter, other_client, topics, pin
):
    own = add_sensor("Front door")
    sensor = enter(own)
    armed()
    other_client.has(topics.state, "armed_away")
    for topic in (
        *(topics.command, topics.state, topics.availability, topics.panel_config),
        *("homeassistant/status", "$CONTROL/dynamic-security/v1"),
    ):
        assert sensor.publish(topic, DISARM, retain=True) == NOT_AUTHORIZED, topic
    assert sensor.publish(own["topic"], "ON") == "Success"
    until(is_active(own["id"], True), what="its own report, which came later")
    assert state() != "disarmed"
    assert DISARM not in [payload for _, payload in other_client.received]


def test_a_sensors_will_is_no_way_around(add_sensor, enter, topics, other_client):
    own, other = add_sensor("Front door"), add_sensor("Back door")
    client = Client(own["username"], own["password"], will=other["topic"])
    if client.is_connected:
        client.vanish()
    sensor = enter(own)
    assert sensor.publish(own["topic"], "ON") == "Success"
    until(is_active(own["id"], True), what="its own report, which came later")
    assert other["topic"] not in dict(other_client.received)
    assert is_active(other["id"], None)()


def test_a_sensor_cannot_take_over_anothers_session(add_sensor, enter, home_assistant, topics):
    home_assistant.subscribe(topics.state)
    enter(add_sensor("Front door"), client_id="home-assistant-7")
    enter(add_sensor("Back door"), client_id=accounts.HOME_ASSISTANT)
    armed()
    until(lambda: (topics.state, "armed_away") in home_assistant.received, what="the state")
    assert home_assistant.is_connected


def test_home_assistant_reads_no_commands_and_reports_for_no_sensor(
    add_sensor, home_assistant, topics
):
    door = add_sensor("Front door")
    assert home_assistant.subscribe(topics.command) == NOT_AUTHORIZED
    assert home_assistant.subscribe("#") == NOT_AUTHORIZED
    assert home_assistant.publish(door["topic"], "ON") == NOT_AUTHORIZED
    assert home_assistant.publish(topics.state, "disarmed", retain=True) == NOT_AUTHORIZED


@pytest.mark.parametrize("login", [("", ""), ("sensor-1", ""), ("sensor-1", "wrong")])
def test_without_a_login_there_is_no_connection(connected, login):
    assert Client(*login).answer == NOT_AUTHORIZED


# --- Zigbee2MQTT, which has devices of others ----------------------------------------------------


@pytest.fixture
def zigbee2mqtt(ask, enter):
    return enter(ask("POST", "integrations/mqtt/zigbee2mqtt/").json())


def test_zigbee2mqtt_has_its_topics_and_announces_its_devices(zigbee2mqtt, topics, other_client):
    for topic in ("zigbee2mqtt/#", f"{topics.prefix}/#", "homeassistant/status"):
        assert zigbee2mqtt.subscribe(topic) == "Granted QoS 1"
    announced = f"{topics.prefix}/binary_sensor/0x01/contact/config"
    for topic in (announced, "zigbee2mqtt/Front door", "zigbee2mqtt/bridge/state"):
        assert zigbee2mqtt.publish(topic, "{}") == "Success", topic
    until(lambda: (announced, "{}") in other_client.received, what="the announcement")


def test_zigbee2mqtt_cannot_pose_as_the_panel_nor_read_the_pin(
    zigbee2mqtt, home_assistant, other_client, topics, pin
):
    own = make_sensor()
    other_client.has(topics.state, "disarmed")
    for topic in (
        *(topics.command, topics.state, topics.availability, topics.panel_config),
        *(topics.sensor_set(own.pk), topics.sensor_config(own.pk)),
        f"{topics.prefix}/alarm_control_panel/other/panel/config",
        f"{topics.prefix}/device/other/config",
        f"{topics.prefix}/device/other/panel/config",
        *("$CONTROL/dynamic-security/v1", "elsewhere"),
    ):
        assert zigbee2mqtt.publish(topic, "{}", retain=True) == NOT_AUTHORIZED, topic
    for topic in (topics.command, f"{topics.base}/#", "#"):
        assert zigbee2mqtt.subscribe(topic) == NOT_AUTHORIZED
    assert zigbee2mqtt.subscribe("zigbee2mqtt/#") == "Granted QoS 1"
    home_assistant.publish(topics.command, DISARM)
    assert zigbee2mqtt.publish("zigbee2mqtt/a mark", "after it") == "Success"
    until(lambda: ("zigbee2mqtt/a mark", "after it") in zigbee2mqtt.received, what="the mark")
    assert DISARM not in [payload for _, payload in zigbee2mqtt.received]


def test_home_assistant_uses_the_devices_of_zigbee2mqtt_and_reports_for_none(
    zigbee2mqtt, home_assistant
):
    assert home_assistant.subscribe("zigbee2mqtt/#") == "Granted QoS 1"
    assert home_assistant.publish("zigbee2mqtt/Lamp/set", "ON") == "Success"
    assert home_assistant.publish("zigbee2mqtt/Front door", "{}") == NOT_AUTHORIZED


# --- Accounts that end ----------------------------------------------------------------------------


def test_a_new_token_ends_the_old_one_at_once(ask, add_sensor, enter):
    door = add_sensor("Front door")
    sensor = enter(door)
    answer = ask("POST", f"sensors/{door['id']}/token/").json()
    until(lambda: not sensor.is_connected, what="the end of the connection")
    assert Client(door["username"], door["password"]).answer == NOT_AUTHORIZED
    renewed = enter({"username": answer["mqtt"]["username"], "password": answer["token"]})
    assert renewed.publish(answer["mqtt"]["topic"], "ON") == "Success"


def test_a_removed_sensor_is_thrown_out_at_once(ask, add_sensor, enter):
    door = add_sensor("Front door")
    sensor = enter(door)
    ask("DELETE", f"sensors/{door['id']}/")
    until(lambda: not sensor.is_connected, what="the end of the connection")
    assert Client(door["username"], door["password"]).answer == NOT_AUTHORIZED


def test_home_assistants_new_password_ends_the_old_one(ask, home_assistant, enter):
    answer = ask("POST", "integrations/mqtt/home-assistant/").json()
    until(lambda: not home_assistant.is_connected, what="the end of the connection")
    assert enter(answer).is_connected
    assert answer["password"] not in str(list(MqttAccount.objects.values()))


def test_another_base_topic_is_the_accounts_too(ask, add_sensor, enter, topics):
    door = add_sensor("Front door")
    enter(door)
    ask("PATCH", "integrations/mqtt/", {"base_topic": f"{topics.base}/new"})
    new = f"{topics.base}/new/sensor/{door['id']}/set"

    def moved() -> bool:
        return enter(door).publish(new, "ON") == "Success"

    until(moved, what="the right to report at the new place")
    assert enter(door).publish(door["topic"], "ON") == NOT_AUTHORIZED


# --- What lasts -----------------------------------------------------------------------------------


def test_accounts_stay_while_the_panel_connects_again(add_sensor, enter, connected, topics):
    door = add_sensor("Front door")
    sensor = enter(door)
    connected.stop()
    connected.join(30)
    again = type(connected)()
    again.start()
    is_status("connected")
    assert sensor.publish(door["topic"], "ON") == "Success"
    until(is_active(door["id"], True), what="the report")
    assert sensor.is_connected
    again.stop()
    again.join(30)


def test_a_restarted_broker_still_has_the_accounts(add_sensor, enter, connected):
    door = add_sensor("Front door")
    enter(door)
    connected.stop()
    connected.join(30)
    with tools.broker_is_dead():
        pass
    assert enter(door).is_connected


def test_a_broker_that_lost_its_data_gets_the_accounts_again(add_sensor, enter, connected):
    door = add_sensor("Front door")
    enter(door)
    docker("exec", after=("rm", "/mosquitto/data/accounts.json"))
    with tools.broker_is_dead():
        pass
    assert enter(door).publish(door["topic"], "ON") == "Success"


def test_an_account_of_an_operators_own_is_left_alone(add_sensor, enter):
    sensor = enter(add_sensor("Front door"))
    tools.control("createClient", "thermometer", "-p", "other")
    enter(add_sensor("Back door"))
    assert enter({"username": "thermometer", "password": "other"}).is_connected
    tools.control("deleteClient", "thermometer")
    assert sensor.is_connected


def test_with_another_secret_key_the_accounts_stay(add_sensor, enter, settings, connected):
    door = add_sensor("Front door")
    sensor = enter(door)
    MqttAccount.objects.filter(sensor_id=door["id"]).update(password="of another key")
    with pytest.raises(passwords.Unreadable):
        passwords.decrypt("of another key")
    enter(add_sensor("Back door"))  # and so all are compared
    assert sensor.publish(door["topic"], "ON") == "Success"


# --- Another broker than the stack's --------------------------------------------------------------


def test_without_the_stacks_broker_no_token_is_stored(ask, add_sensor, monkeypatch):
    door = add_sensor("Front door")
    assert MqttAccount.objects.filter(sensor_id=door["id"]).exists()
    monkeypatch.setattr(brokers, "BUNDLED", "mqtt")
    answer = ask("POST", f"sensors/{door['id']}/token/").json()
    assert answer["mqtt"] is None
    assert not MqttAccount.objects.exists()
    refused = ask("POST", "integrations/mqtt/home-assistant/")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_bundled")


def test_home_assistants_password_is_renewed_only_while_disarmed(ask, home_assistant):
    before = list(MqttAccount.objects.values())
    armed()
    refused = ask("POST", "integrations/mqtt/home-assistant/")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_disarmed")
    assert list(MqttAccount.objects.values()) == before
    assert home_assistant.is_connected


@pytest.mark.parametrize("program", ["home-assistant", "zigbee2mqtt"])
def test_only_an_admin_renews_the_password_of_a_program(login, resident, program):
    answer = login(resident).ask("POST", f"integrations/mqtt/{program}/")
    assert answer.json()["code"] == "admin_only"
    assert make_sensor().mqtt is None
