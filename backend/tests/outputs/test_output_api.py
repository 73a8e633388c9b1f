"""Outputs through the API."""

import pytest

from alarm.models import EventKind
from outputs import management
from outputs.models import Output
from tests.actions import armed
from tests.outputs.tools import details, has_reported, set_off

pytestmark = pytest.mark.django_db(transaction=True)


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
    assert details(EventKind.SETTING) == [
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


def test_a_webhook_has_no_login(login, admin, siren):
    answer = login(admin).ask("POST", f"outputs/{siren.pk}/password/")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_login")


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
