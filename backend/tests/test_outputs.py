"""Outputs through the API, and the driver with a real relay over HTTP."""

import contextlib
import socket
import ssl

import pytest
import trustme
from django.db import connection

from alarm.models import Alarm, Event, EventKind, Sensor
from outputs import driver, management, plan, webhook
from outputs.models import Output
from tests.actions import ANNA, armed, disarm, hear, make_sensor
from tests.conftest import command, finish, is_connected, terminate_backends, until
from tests.relay import Relay

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch) -> None:
    """Short pauses, so that repetitions and faults are seen at once."""
    monkeypatch.setattr(driver, "FAILS_AFTER", 0.3)
    monkeypatch.setattr(plan, "PAUSES", (0.1, 0.2))


@pytest.fixture
def relay():
    found = Relay()
    yield found
    found.close()


@pytest.fixture
def start(transactional_db):
    """A function that starts a driver; all are stopped at the end."""
    running = []

    def begin() -> driver.Driver:
        running.append(driver.Driver())
        running[-1].start()
        return running[-1]

    yield begin
    for one in running:
        one.stop()
        one.join(30)
        assert not one.is_alive()
    connection.close()


@pytest.fixture
def siren(relay) -> Output:
    """A webhook that sounds for an alarm of any kind."""
    return make_siren(relay)


def make_siren(relay: Relay, name: str = "Siren", **fields) -> Output:
    return management.create(ANNA, **{"name": name, "kind": "webhook", **relay.urls(), **fields})


def has_reported(output: Output, reported: str, error: str = "") -> None:
    def reached() -> bool:
        now = Output.objects.get(pk=output.pk)
        return (now.reported, now.error) == (reported, error)

    until(reached, what=f"{reported} {error}")


def events(kind: str) -> list[str]:
    found = Event.objects.filter(kind=kind).order_by("pk")
    return list(found.values_list("detail", flat=True))


def set_off(kind: str = "window") -> None:
    """Arm, and open a sensor that sounds the siren at once."""
    sensor = make_sensor("Sensor", kind)
    armed()
    hear(sensor)


# --- The alarm ------------------------------------------------------------------------------------


def test_a_siren_sounds_with_the_alarm_and_is_switched_off_with_it(start, relay, siren):
    start()
    set_off()
    relay.has("on")
    has_reported(siren, "on")
    assert (relay.requests[0]["timer"], relay.requests[0]["tone"]) == ("180", "burglary")
    disarm()
    relay.has("on", "off")
    has_reported(siren, "off")
    assert not relay.is_on
    assert events(EventKind.OUTPUT) == []


def test_smoke_has_the_tone_of_fire(start, relay, siren):
    start()
    hear(make_sensor("Kitchen", "smoke"))
    relay.has("on")
    assert relay.requests[0]["tone"] == "fire"


def test_a_further_sensor_changes_the_tone_and_prolongs_nothing(start, relay, siren):
    start()
    set_off()
    has_reported(siren, "on")
    began = Output.objects.get().started_at
    hear(make_sensor("Kitchen", "smoke"))
    relay.has("on", "on")
    assert relay.requests[1]["tone"] == "fire"
    assert Output.objects.get().started_at == began


def test_an_output_without_a_tone_for_this_alarm_stays_quiet(start, relay):
    make_siren(relay, "Fire bell", tones=["fire"])
    other = Relay()
    siren = make_siren(other, "Siren", tones=["burglary"])
    start()
    set_off()
    has_reported(siren, "on")
    assert relay.requests == []
    other.close()


def test_an_output_that_is_switched_off_stays_quiet(start, relay, siren):
    management.change(siren.pk, ANNA, enabled=False)
    other = Relay()
    second = make_siren(other, "Second")
    start()
    set_off()
    has_reported(second, "on")
    assert relay.requests == []
    other.close()


# --- The cut-off ----------------------------------------------------------------------------------


def test_an_output_is_off_after_its_cut_off_while_the_alarm_goes_on(start, relay):
    siren = make_siren(relay, cut_off=1)
    start()
    set_off()
    relay.has("on", "off")
    assert relay.requests[0]["timer"] == "1"
    has_reported(siren, "off")
    assert Alarm.objects.get().state == "triggered"


def test_after_the_cut_off_only_a_further_sensor_begins_again(start, relay):
    make_siren(relay, cut_off=1)
    start()
    window = make_sensor("Window", "window")
    set_off()
    relay.has("on", "off")
    first = Sensor.objects.get(name="Sensor")
    hear(first, active=False)
    hear(first)  # the same again
    hear(window)
    relay.has("on", "off", "on", "off")


def test_an_output_is_off_after_its_cut_off_although_no_worker_runs(start, relay):
    siren = make_siren(relay, cut_off=1)
    first = start()
    set_off()
    relay.has("on")
    has_reported(siren, "on")
    first.stop()
    first.join(30)
    until(lambda: not relay.is_on, what="the end of the relay's own timer")
    start()
    relay.has("on", "off")
    has_reported(siren, "off")


# --- What fails -----------------------------------------------------------------------------------


def test_on_is_repeated_until_it_is_confirmed_and_not_after_that(start, relay, siren):
    relay.status = 500
    start()
    set_off()
    until(lambda: len(relay.requests) >= 3, what="repetitions")
    has_reported(siren, "unknown", "http_status")
    assert events(EventKind.OUTPUT) == ["“Siren” does not answer: its address refuses the request."]
    relay.status = 200
    has_reported(siren, "on")
    number = len(relay.requests)
    assert events(EventKind.OUTPUT)[1:] == ["“Siren” answers again."]
    disarm()
    relay.has(*["on"] * number, "off")


@pytest.mark.parametrize("how", ["nothing listens", "no such host", "redirect", "not TLS", "mute"])
def test_a_relay_that_cannot_be_switched_is_reported(start, relay, monkeypatch, how):
    monkeypatch.setattr(webhook, "LIMIT", 0.2)
    urls = relay.urls()
    fault = {
        "nothing listens": "unreachable",
        "no such host": "unreachable",
        "redirect": "http_status",
        "not TLS": "tls",
        "mute": "no_answer",
    }[how]
    if how == "nothing listens":
        relay.close()
    elif how == "no such host":
        urls = dict.fromkeys(urls, "http://no-such-host.invalid/on")
    elif how == "redirect":
        relay.status = 302
    elif how == "not TLS":
        urls = {name: url.replace("http:", "https:") for name, url in urls.items()}
    else:
        relay.hold.clear()
    siren = management.create(ANNA, name="Siren", kind="webhook", **urls)
    start()
    set_off()
    has_reported(siren, "unknown", fault)
    assert len(events(EventKind.OUTPUT)) == 1
    assert "moved" not in relay.turns()  # no redirect was followed


def test_a_certificate_of_an_unknown_authority_is_refused(start):
    """The system's authorities count."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    relay = Relay()
    relay.socket = context.wrap_socket(relay.socket, server_side=True)
    urls = {
        name: url.replace("http://127.0.0.1", "https://localhost")
        for name, url in relay.urls().items()
    }
    siren = management.create(ANNA, name="Siren", kind="webhook", **urls)
    start()
    set_off()
    has_reported(siren, "unknown", "tls")
    assert relay.requests == []
    relay.close()


def test_a_slow_relay_does_not_delay_another(start, relay, monkeypatch):
    relay.hold.clear()
    make_siren(relay, "Slow")
    other = Relay()
    quick = make_siren(other, "Quick")
    start()
    set_off()
    has_reported(quick, "on")
    relay.hold.set()
    other.close()


def test_an_answer_that_drips_is_cut_off(start, monkeypatch):
    monkeypatch.setattr(webhook, "LIMIT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(30)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        siren = management.create(ANNA, name="Siren", kind="webhook", on_url=url, off_url=url)
        start()
        set_off()
        near, _ = server.accept()
        with contextlib.suppress(OSError):  # it is cut off at last
            while True:
                near.sendall(b"H")
                near.settimeout(0.05)
                with contextlib.suppress(TimeoutError):
                    if not near.recv(65536):
                        break
        has_reported(siren, "unknown", "no_answer")


def test_addresses_of_another_secret_key_are_reported(start, relay, siren, settings):
    settings.SECRET_KEY = "another" * 10
    start()
    set_off()
    has_reported(siren, "unknown", "unreadable")
    assert relay.requests == []


def test_the_database_may_be_away_when_the_relay_answers(start, relay, siren):
    relay.hold.clear()
    start()
    set_off()
    relay.has("on")
    terminate_backends("alarm")
    relay.hold.set()
    connection.close()
    until(is_connected, what="the database")
    has_reported(siren, "on")
    disarm()
    relay.has("on", "off")


# --- Chime and test -------------------------------------------------------------------------------


def test_a_test_is_two_seconds_and_no_alarm(start, login, admin, relay, siren):
    start()
    answer = login(admin).ask("POST", f"outputs/{siren.pk}/test/")
    assert answer.status_code == 202
    relay.has("on", "off")
    assert relay.requests[0]["timer"] == "2"
    assert Alarm.objects.get().state == "disarmed"


def test_an_alarm_takes_over_from_a_test(start, login, admin, relay, siren):
    start()
    smoke = make_sensor("Kitchen", "smoke")
    login(admin).ask("POST", f"outputs/{siren.pk}/test/")
    hear(smoke)
    until(lambda: "fire" in [one.get("tone") for one in relay.requests], what="the alarm's tone")
    relay.requests.clear()
    disarm()
    relay.has("off")


# --- Workers that are killed ----------------------------------------------------------------------


def test_a_killed_workers_successor_repeats_nothing_that_was_confirmed(relay, siren, same_database):
    first = command("manage.py", "run_worker", env=same_database)
    set_off()
    relay.has("on")
    has_reported(siren, "on")
    first.kill()
    first.wait()
    second = command("manage.py", "run_worker", env=same_database)
    disarm()
    has_reported(siren, "off")
    assert relay.turns() == ["on", "off"]
    second.terminate()
    finish(second)


def test_what_a_killed_worker_could_not_send_is_sent_by_its_successor(siren, relay, same_database):
    relay.status = 500
    first = command("manage.py", "run_worker", env=same_database)
    set_off()
    until(lambda: relay.requests, what="an attempt")
    first.kill()
    first.wait()
    relay.status = 200
    second = command("manage.py", "run_worker", env=same_database)
    has_reported(siren, "on")
    relay.has("on", "on")
    # The seconds that are left, so that the repetition does not prolong it.
    assert int(relay.requests[1]["timer"]) <= int(relay.requests[0]["timer"])
    second.terminate()
    finish(second)


# --- The API --------------------------------------------------------------------------------------


def test_an_admin_adds_changes_and_removes_an_output(login, admin, relay):
    browser = login(admin)
    fields = {"name": "Siren", "kind": "webhook", **relay.urls("&key=secret")}
    answer = browser.ask("POST", "outputs/", fields)
    assert answer.status_code == 201
    shown = answer.json()
    assert shown["address"] == f"http://127.0.0.1:{relay.port}"
    assert shown["tones"] == ["burglary", "fire", "panic"]
    assert (shown["cut_off"], shown["mqtt"], shown["reported"]) == (180, None, "unknown")
    path = f"outputs/{shown['id']}/"
    assert (
        browser.ask("PATCH", path, {"cut_off": 60, "tones": ["chime", "fire"]}).json()
        | {
            "tones": ["fire", "chime"],
            "cut_off": 60,
        }
        == browser.ask("GET", "outputs/").json()[0]
    )
    assert browser.ask("DELETE", path).status_code == 204
    assert browser.ask("GET", "outputs/").json() == []
    assert events(EventKind.SETTING) == [
        "Output “Siren”: added.",
        "Output “Siren”: changed cut_off, tones.",
        "Output “Siren”: removed.",
    ]


def test_no_answer_event_or_row_has_an_address_and_no_log_line(
    start, login, admin, relay, caplog, monkeypatch
):
    caplog.set_level("DEBUG")
    relay.status = 500
    urls = {
        name: url.replace("//", "//user:hidden@") for name, url in relay.urls("&key=secret").items()
    }
    browser = login(admin)
    answers = [browser.ask("POST", "outputs/", {"name": "Siren", "kind": "webhook", **urls})]
    output = Output.objects.get()
    answers.append(browser.ask("PATCH", f"outputs/{output.pk}/", {"on_url": urls["on_url"]}))
    start()
    set_off()
    has_reported(output, "unknown", "http_status")
    answers.append(browser.ask("GET", "outputs/"))
    answers.append(browser.ask("GET", "events/"))
    assert relay.requests[0]["key"] == "secret"
    assert relay.requests[0]["login"] == "Basic dXNlcjpoaWRkZW4="
    texts = [answer.content.decode() for answer in answers]
    texts += [str(list(Output.objects.values())), caplog.text]
    assert not [text for text in texts if "secret" in text or "hidden" in text]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "webhook"}, "on_url"),
        ({"kind": "webhook", "on_url": "http://a/on"}, "off_url"),
        ({"kind": "webhook", "on_url": "ftp://a/on", "off_url": "http://a/off"}, "on_url"),
        ({"kind": "mqtt", "on_url": "http://a/on"}, "on_url"),
        ({"kind": "smoke signal"}, "kind"),
        ({"kind": "mqtt", "cut_off": 0}, "cut_off"),
        ({"kind": "mqtt", "cut_off": 3601}, "cut_off"),
        ({"kind": "mqtt", "tones": ["polka"]}, "tones"),
    ],
)
def test_wrong_fields_are_named(login, admin, fields, field):
    answer = login(admin).ask("POST", "outputs/", {"name": "Siren", **fields})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert field in answer.json()["fields"]
    assert not Output.objects.exists()


def test_the_kind_stays_and_a_name_is_used_once(login, admin, siren, relay):
    browser = login(admin)
    answer = browser.ask("PATCH", f"outputs/{siren.pk}/", {"kind": "mqtt"})
    assert "kind" in answer.json()["fields"]
    answer = browser.ask("POST", "outputs/", {"name": "SIREN", "kind": "mqtt"})
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


def test_there_is_a_limit(login, admin, monkeypatch, siren):
    monkeypatch.setattr(management, "MOST_OUTPUTS", 1)
    answer = login(admin).ask("POST", "outputs/", {"name": "Second", "kind": "mqtt"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_outputs")


def test_one_that_is_switched_off_is_not_tested(login, admin, siren):
    browser = login(admin)
    browser.ask("PATCH", f"outputs/{siren.pk}/", {"enabled": False})
    answer = browser.ask("POST", f"outputs/{siren.pk}/test/")
    assert (answer.status_code, answer.json()["code"]) == (409, "output_disabled")


def test_outputs_are_for_admins(login, resident, siren):
    page = login(resident)
    for method, path in (("GET", "outputs/"), ("POST", f"outputs/{siren.pk}/test/")):
        assert page.ask(method, path).json()["code"] == "admin_only"


def test_outputs_are_changed_and_tested_only_while_disarmed(login, admin, siren):
    browser = login(admin)
    armed()
    path = f"outputs/{siren.pk}/"
    before = list(Output.objects.values())
    for method, where, body in (
        ("POST", "outputs/", {"name": "Second", "kind": "mqtt"}),
        ("PATCH", path, {"enabled": False}),
        ("PATCH", path, {"tones": []}),
        ("POST", path + "password/", None),
        ("POST", path + "test/", None),
        ("DELETE", path, None),
    ):
        answer = browser.ask(method, where, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_disarmed"), where
    assert list(Output.objects.values()) == before
