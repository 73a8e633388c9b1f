"""What Home Assistant and others can do with an output at a real broker."""

import json

import pytest

from integrations.models import MqttAccount
from integrations.mqtt import broker as brokers
from outputs import management
from outputs.models import Output
from tests.actions import ANNA
from tests.conftest import until
from tests.mqtt import attacker, tools
from tests.mqtt.attacker import NOT_AUTHORIZED, Client
from tests.mqtt.siren import Siren
from tests.mqtt.tools import is_status
from tests.outputs.tools import details, has_reported, set_off

pytestmark = pytest.mark.django_db(transaction=True)


# --- Home Assistant -------------------------------------------------------------------------------


def test_home_assistant_switches_it_but_cannot_silence_an_alarm(
    siren, output, running, other_client, topics
):
    place = topics.output(output.pk, "command")
    other_client.publish(place, {"state": "ON", "tone": "panic", "duration": 60})
    siren.has("ON")
    assert siren.commands[0]["tone"] == "panic"
    assert siren.commands[0]["duration"] in range(1, 61)
    other_client.publish(place, {"state": "OFF"})
    siren.has("ON", "OFF")
    has_reported(output, "off")
    set_off()
    siren.has("ON", "OFF", "ON")
    has_reported(output, "on")
    other_client.publish(place, {"state": "OFF"})
    refusal = f"Ignored: output {output.pk}: it sounds because of the alarm: disarm the alarm."
    until(lambda: refusal in details("integration"), what="the refusal")
    assert siren.is_on


def test_a_command_is_at_most_as_long_as_the_cut_off(siren, output, running, other_client, topics):
    place = topics.output(output.pk, "command")
    other_client.publish(place, {"state": "ON", "duration": 3600})
    siren.has("ON")
    assert siren.commands[0]["duration"] in range(1, 181)


def test_a_retained_command_is_not_carried_out(siren, output, run_outputs, other_client, topics):
    other_client.publish(topics.output(output.pk, "command"), "ON", retain=True)
    run_outputs()
    is_status("connected")
    set_off()
    siren.has("ON")
    assert siren.commands[0]["tone"] == "burglary"


def test_each_output_is_discovered_and_forgotten(output, running, other_client, topics):
    places = {
        kind: f"{topics.prefix}/{kind}/{topics.node}/output_{output.pk}/config"
        for kind in ("siren", "switch")
    }
    until(lambda: set(places.values()) <= other_client.retained.keys(), what="discovery")
    config = json.loads(other_client.retained[places["siren"]])
    assert config["available_tones"] == ["burglary", "fire", "panic"]
    assert config["state_topic"] == topics.output(output.pk, "reported")
    management.remove(output.pk, ANNA)
    for place in places.values():
        other_client.has(place, None)


# --- Accounts at the stack's broker ---------------------------------------------------------------


@pytest.fixture
def bundled(monkeypatch):
    """The broker of the tests is the stack's own."""
    monkeypatch.setattr(brokers, "BUNDLED", tools.HOST)


def test_an_output_has_an_account_that_reads_its_commands_and_reports_for_itself(
    bundled, run_outputs, topics, login, admin
):
    run_outputs()
    is_status("connected")
    page = login(admin)
    made = [
        page.ask("POST", "outputs/", {"name": name, "kind": "mqtt"}).json() for name in ("A", "B")
    ]
    mine, other = (one["mqtt"] for one in made)
    assert mine["username"] == f"output-{made[0]['id']}"
    assert mine["password"] not in str(list(MqttAccount.objects.values()))
    siren = Siren(topics, made[0]["id"], login_of(mine))
    set_off()
    siren.has("ON")
    has_reported(Output.objects.get(name="A"), "on")
    siren.leave()
    client = client_of(mine)
    assert client.publish(mine["availability_topic"], "online") == "Success"
    for wish in ("#", other["set_topic"], topics.command, topics.state, mine["state_topic"]):
        assert client.subscribe(wish) == NOT_AUTHORIZED, wish
    theirs = (other[f"{use}_topic"] for use in ("set", "state", "availability"))
    for wish in (*theirs, mine["set_topic"], topics.command):
        assert client.publish(wish, "OFF") == NOT_AUTHORIZED, wish
    client.leave()


def login_of(account: dict) -> tuple[str, str]:
    """Return a login once the broker accepts it."""
    client_of(account).leave()
    return account["username"], account["password"]


def client_of(account: dict) -> Client:
    return attacker.login(account["username"], account["password"])


def test_home_assistant_cannot_switch_the_siren_itself(
    bundled, siren, output, run_outputs, topics, login, admin
):
    run_outputs()
    is_status("connected")
    account = login(admin).ask("POST", "integrations/mqtt/home-assistant/").json()
    client = client_of(account)
    set_off()
    has_reported(output, "on")
    assert client.publish(topics.output(output.pk, "set"), '{"state": "OFF"}') == NOT_AUTHORIZED
    assert client.publish(topics.output(output.pk, "state"), "OFF") == NOT_AUTHORIZED
    assert client.subscribe(topics.output("+", "reported")) == "Granted QoS 1"
    assert client.publish(topics.output(output.pk, "command"), "OFF") == "Success"
    refusal = f"Ignored: output {output.pk}: it sounds because of the alarm: disarm the alarm."
    until(lambda: refusal in details("integration"), what="the refusal")
    assert siren.is_on
    client.leave()


def test_a_new_password_and_a_removal_end_the_account(bundled, run_outputs, topics, login, admin):
    run_outputs()
    is_status("connected")
    page = login(admin)
    made = page.ask("POST", "outputs/", {"name": "Siren", "kind": "mqtt"}).json()
    client = client_of(made["mqtt"])
    renewed = page.ask("POST", f"outputs/{made['id']}/password/").json()["mqtt"]
    until(lambda: not client.is_connected, what="the end of the connection")
    client = client_of(renewed)
    assert page.ask("DELETE", f"outputs/{made['id']}/").status_code == 204
    until(lambda: not client.is_connected, what="the end of the connection")


def test_at_another_broker_there_is_no_login(run_outputs, login, admin, topics):
    run_outputs()
    made = login(admin).ask("POST", "outputs/", {"name": "Siren", "kind": "mqtt"}).json()
    assert made["mqtt"] == {
        "username": None,
        "password": None,
        "set_topic": topics.output(made["id"], "set"),
        "state_topic": topics.output(made["id"], "state"),
        "availability_topic": topics.output(made["id"], "availability"),
    }
    assert not MqttAccount.objects.exists()
