"""The first run: the first client makes the admin and the first PIN."""

import pytest

from alarm.models import Event
from people import codes
from people.models import Code, Person
from tests.conftest import PASSWORD, PIN, Browser, in_threads

pytestmark = pytest.mark.django_db(transaction=True)

SETUP = {"username": "Anna", "name": "Anna", "password": PASSWORD, "pin": PIN}


def test_the_first_run_makes_an_admin_and_a_pin_and_logs_in(browser):
    before = browser.ask("GET", "session/").json()
    assert (before["setup_required"], before["person"]) == (True, None)
    answer = browser.ask("POST", "setup/", SETUP)
    assert answer.status_code == 201
    body = answer.json()
    assert body["setup_required"] is False
    person = Person.objects.get()
    assert body["person"] == {
        "id": person.id,
        "username": "anna",
        "name": "Anna",
        "role": "admin",
    }
    assert browser.ask("GET", "session/").json()["person"] == body["person"]
    assert browser.ask("GET", "people/").status_code == 200
    assert codes.verify(PIN, "test").person == person
    assert {event.kind for event in Event.objects.all()} == {"person", "code", "login"}


def test_before_the_first_run_everything_else_waits_for_it(browser):
    for method, path in [
        ("GET", "alarm/state/"),
        ("GET", "events/"),
        ("GET", "people/"),
        ("POST", "codes/"),
        ("POST", "session/"),
        ("DELETE", "session/"),
        ("POST", "session/password/"),
    ]:
        answer = browser.ask(method, path, {} if method == "POST" else None)
        assert (answer.status_code, answer.json()["code"]) == (403, "setup_required"), path
    for path in ["health/live/", "session/"]:
        assert browser.ask("GET", path).status_code == 200, path


def test_a_second_setup_is_refused_with_any_body(browser):
    assert browser.ask("POST", "setup/", SETUP).status_code == 201
    for body in [SETUP, {}, {**SETUP, "username": "eve"}]:
        answer = Browser().ask("POST", "setup/", body)
        assert (answer.status_code, answer.json()["code"]) == (409, "already_set_up")
    assert Person.objects.count() == Code.objects.count() == 1


def test_of_setups_at_the_same_moment_exactly_one_wins(transactional_db):
    def set_up(name: str):
        body = {**SETUP, "username": name, "pin": name}
        return lambda: Browser().ask("POST", "setup/", body).status_code

    statuses = in_threads(*map(set_up, ["1111", "2222", "3333", "4444"]))
    assert sorted(statuses) == [201, 409, 409, 409]
    assert Person.objects.count() == Code.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", "short"),
        ("password", "annaannaanna"),
        ("password", "password1234"),
        ("password", "29384756293847"),
        ("password", "x" * 129),
        ("pin", "123"),
        ("pin", "12345a"),
        ("pin", 1234),
        ("username", "an na"),
        ("username", ""),
        ("username", "\ufdfa"),
        ("name", " "),
        ("name", None),
    ],
)
def test_an_invalid_setup_names_the_field_and_makes_no_person(browser, field, value):
    body = {**SETUP, "username": "annaanna", field: value}
    answer = browser.ask("POST", "setup/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert list(answer.json()["fields"]) == [field]
    assert not Person.objects.exists()


def test_another_sites_page_cannot_set_up(browser):
    answer = browser.ask("POST", "setup/", SETUP, origin="http://evil.example")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert not Person.objects.exists()
    assert browser.ask("POST", "setup/", SETUP, origin="http://localhost").status_code == 201


def test_the_old_pin_may_be_entered_at_setup(browser, pin):
    assert browser.ask("POST", "setup/", {**SETUP, "pin": pin}).status_code == 201
    assert Code.objects.count() == 1
