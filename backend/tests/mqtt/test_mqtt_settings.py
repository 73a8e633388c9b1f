"""The broker's settings: over HTTP, from the environment, in the database."""

import ssl

import pytest
import trustme
from cryptography.fernet import Fernet

from alarm.models import Change, Event
from integrations.models import MqttSettings
from integrations.mqtt import broker as brokers
from integrations.mqtt import connection, environment, passwords
from tests.actions import armed
from tests.conftest import command, finish, until
from tests.conftest import environment as without_settings
from tests.mqtt import tools
from tests.mqtt.tools import Wire, is_status, newcomer

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "s3cret-of-the-broker"


@pytest.fixture
def ask(login, admin):
    """A function that asks the API as an admin."""
    browser = login(admin)
    return lambda method, path="", body=None: browser.ask(method, f"integrations/mqtt/{path}", body)


def test_first_it_is_off_and_knows_the_broker_of_the_stack(ask, settings):
    settings.MQTT_BROKER_PASSWORD = SECRET
    answer = ask("GET").json()
    assert answer["enabled"] is False
    assert (answer["host"], answer["port"], answer["username"]) == ("mqtt", 1883, "alarm")
    assert (answer["base_topic"], answer["discovery_prefix"]) == ("alarm_panel", "homeassistant")
    assert answer["has_password"] is True
    assert answer["from_environment"] == []
    assert answer["status"]["state"] == "off"
    assert brokers.load().password == SECRET


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("PATCH", ""), ("POST", "test/")])
def test_only_an_admin_may(login, resident, browser, method, path):
    address = f"integrations/mqtt/{path}"
    assert login(resident).ask(method, address, {}).json()["code"] == "admin_only"
    assert browser.ask(method, address, {}).json()["code"] == "login_required"


def test_the_password_is_kept_but_never_shown(ask, caplog):
    answer = ask("PATCH", body={"host": "broker.lan", "password": SECRET})
    assert answer.json()["has_password"] is True
    assert brokers.load().password == SECRET
    shown = [
        answer.content.decode(),
        ask("GET").content.decode(),
        repr(brokers.load()),
        caplog.text,
    ]
    stored = str(MqttSettings.objects.values()) + str(Event.objects.values())
    assert SECRET not in "".join([*shown, stored])
    event = Event.objects.filter(kind="setting").get()
    assert (event.detail, event.person_name) == ("MQTT: changed host, password", "Anna")


def test_an_empty_password_removes_it(ask):
    ask("PATCH", body={"host": "broker.lan", "password": SECRET})
    assert ask("PATCH", body={"password": ""}).json()["has_password"] is False


@pytest.mark.parametrize("change", [{"host": "other.lan"}, {"port": 1884}, {"tls": False}])
def test_the_stored_password_is_sent_to_no_other_broker(ask, change):
    ask("PATCH", body={"host": "broker.lan", "tls": True, "password": SECRET})
    assert brokers.load(change).password == ""
    assert ask("PATCH", body=change).json()["has_password"] is False


def test_after_another_secret_key_it_has_to_be_entered_again(ask):
    ask("PATCH", body={"host": "broker.lan", "password": SECRET})
    other = Fernet(Fernet.generate_key())
    MqttSettings.objects.update(password=other.encrypt(SECRET.encode()).decode())
    with pytest.raises(passwords.Unreadable):
        passwords.decrypt(MqttSettings.load().password)
    assert brokers.load().fault.endswith("enter it again.")
    assert ask("POST", "test/").json() == {"ok": False, "detail": brokers.load().fault}
    ask("PATCH", body={"password": SECRET})
    assert brokers.load().password == SECRET


@pytest.mark.parametrize(
    "body",
    [
        {"host": "http://broker.lan"},
        {"host": "-broker"},
        {"host": "a" * 254},
        {"host": ""},
        {"port": 0},
        {"port": 65536},
        {"port": "1883"},
        {"tls": 1},
        {"base_topic": "alarm/#"},
        {"base_topic": "/alarm"},
        {"base_topic": "alarm+"},
        {"discovery_prefix": "x" * 65},
        {"username": "x" * 129},
        {"password": None},
    ],
)
def test_a_wrong_value_is_named(ask, body):
    answer = ask("PATCH", body=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid"
    assert answer.json()["fields"].keys() == body.keys()


@pytest.mark.parametrize("host", ["192.168.1.7", "fd00::7", "broker", "my_broker.home.arpa"])
def test_a_valid_host_is_accepted(ask, host):
    assert ask("PATCH", body={"host": host}).json()["host"] == host


def test_the_environment_overrides_the_settings_visibly(ask, settings):
    ask("PATCH", body={"host": "broker.lan", "password": SECRET})
    settings.MQTT_OVERRIDES = {"host": "fixed.lan", "enabled": True}
    answer = ask("GET").json()
    assert (answer["host"], answer["enabled"]) == ("fixed.lan", True)
    assert answer["from_environment"] == ["enabled", "host"]
    refused = ask("PATCH", body={"host": "broker.lan"}).json()
    assert refused["fields"] == {"host": "This is fixed by the variable MQTT_HOST."}
    assert ask("PATCH", body={"host": "fixed.lan", "port": 1884}).status_code == 200
    assert MqttSettings.load().host == "broker.lan"


# --- The environment ------------------------------------------------------------------------------


def test_every_field_can_be_set_by_the_environment(monkeypatch, tmp_path):
    file = tmp_path / "password"
    file.write_text(SECRET + "\n")
    values = {
        "MQTT_ENABLED": "true",
        "MQTT_HOST": "broker.lan",
        "MQTT_PORT": "8883",
        "MQTT_TLS": "yes",
        "MQTT_USERNAME": "alarm",
        "MQTT_PASSWORD_FILE": str(file),
        "MQTT_BASE_TOPIC": "home/alarm",
        "MQTT_DISCOVERY_PREFIX": "ha",
        "MQTT_ARM_WITHOUT_CODE": "false",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    found = environment.overrides()
    assert found.keys() == set(brokers.FIELDS)
    assert (found["enabled"], found["port"], found["password"]) == (True, 8883, SECRET)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MQTT_ENABLED", "maybe"),
        ("MQTT_HOST", "mqtt://broker"),
        ("MQTT_PORT", "99999"),
        ("MQTT_TLS", "2"),
        ("MQTT_BASE_TOPIC", "alarm/#"),
        ("MQTT_DISCOVERY_PREFIX", "x" * 65),
        ("MQTT_PASSWORD", SECRET),
        ("MQTT_CA", "no certificate"),
        ("MQTT_PASSWORD_FILE", "/nowhere"),
    ],
)
def test_a_wrong_variable_is_one_line_and_no_start(name, value):
    process = command("manage.py", "check", env=without_settings(**{name: value}))
    output = finish(process)
    assert process.returncode == 1
    assert output.startswith(name)
    assert "\n" not in output
    assert SECRET not in output


def test_what_is_in_force_is_reported_without_the_password(same_database):
    variables = {"MQTT_ENABLED": "1", "MQTT_HOST": "127.0.0.9", "MQTT_PASSWORD": SECRET}
    owner = same_database | {"APP_SERVES": "false"}
    process = command("manage.py", "apply_integration_settings", env=owner | variables)
    output = finish(process)
    assert process.returncode == 0, output
    assert "MQTT: 127.0.0.9:1883 as alarm, with a password" in output
    assert "[set by MQTT_ENABLED, MQTT_HOST, MQTT_PASSWORD]" in output
    assert SECRET not in output


# --- Trying, and changing at run time -------------------------------------------------------------


def given(**changes) -> dict:
    return {
        "host": tools.HOST,
        "port": tools.PORT,
        "username": tools.USERNAME,
        "password": tools.PASSWORD,
        **changes,
    }


def test_the_connection_test_gives_the_reason(ask, settings):
    assert ask("POST", "test/", given()).json()["ok"] is True
    assert "refuses the user name" in ask("POST", "test/", given(password="x")).json()["detail"]
    assert "Nothing listens" in ask("POST", "test/", given(port=1)).json()["detail"]
    unknown = ask("POST", "test/", given(host="no-such-host.invalid")).json()
    assert unknown["detail"] == "The host no-such-host.invalid is not known."
    assert "TLS" in ask("POST", "test/", given(tls=True)).json()["detail"]
    assert MqttSettings.load().enabled is False


def test_a_broker_that_accepts_and_never_answers_is_given_up(ask, monkeypatch):
    monkeypatch.setattr(connection, "ANSWER_LIMIT", 0.5)
    wire = Wire()
    wire.is_dead = True
    answer = ask("POST", "test/", given(port=wire.port)).json()
    assert answer == {"ok": False, "detail": f"127.0.0.1:{wire.port} does not answer in MQTT."}
    wire.close()


def test_tls_with_a_configured_authority(ask, settings):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(tools.HOST).configure_cert(context)
    wire = Wire(context)
    try_it = given(port=wire.port, tls=True)
    assert "not trusted" in ask("POST", "test/", try_it).json()["detail"]
    settings.MQTT_CA = authority.cert_pem.bytes().decode()
    assert ask("POST", "test/", try_it).json()["ok"] is True
    wire.close()


def test_a_change_takes_effect_at_once_and_clears_old_topics(ask, connected, other_client, topics):
    other_client.has(topics.state, "disarmed")
    new = f"{topics.base}/new"
    ask("PATCH", body={"base_topic": new})
    other_client.has(f"{new}/state", "disarmed")
    for topic in (topics.panel_config, topics.state, topics.availability):
        other_client.has(topic, None)


def test_switched_off_it_leaves_nothing_behind(ask, connected, other_client, topics):
    other_client.has(topics.state, "disarmed")
    ask("PATCH", body={"enabled": False})
    is_status("off")
    assert newcomer([f"{topics.base}/#", f"{topics.prefix}/#"]) == {}
    ask("PATCH", body={"enabled": True})
    other_client.has(topics.availability, "online")


def test_topics_of_an_earlier_start_are_removed(start, other_client, topics, configure):
    first = start()
    other_client.has(topics.state, "disarmed")
    first.stop()
    first.join(30)
    start(base_topic=f"{topics.base}/new")
    other_client.has(f"{topics.base}/new/state", "disarmed")
    for topic in (topics.panel_config, topics.state, topics.availability):
        other_client.has(topic, None)


def test_a_wrong_password_is_refused_until_it_is_right(ask, start, other_client, topics):
    start(password="wrong")
    refused = is_status("refused")
    assert refused.detail == "The broker refuses the user name or the password."
    ask("PATCH", body={"password": tools.PASSWORD})
    other_client.has(topics.state, "disarmed")
    assert is_status("connected").since > refused.since


@pytest.mark.parametrize("wrong", [{"port": 1}, {"host": "no-such-host.invalid"}])
def test_an_unreachable_broker_is_reported_and_tried_again(ask, start, other_client, topics, wrong):
    start(**wrong)
    is_status("unreachable")
    ask("PATCH", body=given())
    other_client.has(topics.state, "disarmed")
    armed()
    other_client.has(topics.state, "armed_away")


def test_each_status_reaches_the_browsers_once(start):
    start(port=1)
    is_status("unreachable")
    tried = Change.objects.filter(topic="integration")
    until(lambda: tried.count() == 2, what="connecting, unreachable")
    # More attempts with the same result.
    sequence = Change.objects.order_by("-sequence").first().sequence
    armed()
    until(lambda: Change.objects.filter(sequence__gt=sequence).exists(), what="other changes")
    states = [change.data["mqtt"]["state"] for change in tried.order_by("sequence")]
    assert states == ["connecting", "unreachable"]
