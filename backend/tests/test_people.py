"""Persons: permissions, and the rule that an admin always remains."""

import threading
from contextlib import suppress

import pytest

from alarm.models import Event
from people import accounts, codes
from people.actors import Actor
from people.models import Code, Person, Session
from tests.conftest import PASSWORD, PIN, Browser, in_threads

pytestmark = pytest.mark.django_db(transaction=True)
NEW = {"username": "Carla", "name": "Carla", "password": PASSWORD}


def test_an_admin_makes_changes_and_removes_persons(login, admin):
    browser = login(admin)
    made = browser.ask("POST", "people/", NEW)
    assert made.status_code == 201
    person = made.json()
    assert person == {
        "id": person["id"],
        "username": "carla",
        "name": "Carla",
        "role": "resident",
        "is_active": True,
    }
    assert browser.ask("GET", "people/").json()[1] == person
    path = f"people/{person['id']}/"
    changed = browser.ask("PATCH", path, {"name": "C.", "role": "admin"})
    assert changed.json() == {**person, "name": "C.", "role": "admin"}
    assert browser.ask("GET", path).json() == changed.json()
    assert browser.ask("DELETE", path).status_code == 204
    for method in ["GET", "PATCH", "DELETE"]:
        answer = browser.ask(method, path, {} if method == "PATCH" else None)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    stored = list(
        Event.objects.filter(kind="person").order_by("id").values_list("detail", flat=True)
    )
    assert stored == [
        "carla was added as resident.",
        "carla: name is now C., role is now admin.",
        "carla was removed.",
    ]
    assert PASSWORD not in str(list(Event.objects.values()))


@pytest.mark.parametrize("path", ["people/", "people/1/", "codes/", "codes/1/"])
def test_persons_and_codes_are_for_admins(login, resident, browser, path):
    method = "PATCH" if "1" in path else "POST"
    for who, code in [(login(resident), "admin_only"), (browser, "login_required")]:
        for verb in ["GET", method] if path != "codes/1/" else [method]:
            answer = who.ask(verb, path, {} if verb == method else None)
            assert (answer.status_code, answer.json()["code"]) == (403, code)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**NEW, "username": "ANNA"}, "username"),
        ({**NEW, "username": "a b"}, "username"),
        ({**NEW, "username": "x" * 65}, "username"),
        ({**NEW, "role": "king"}, "role"),
        ({**NEW, "is_active": 1}, "is_active"),
        ({**NEW, "is_active": "true"}, "is_active"),
        ({**NEW, "name": 7}, "name"),
        ({**NEW, "name": "a\u0000b"}, "name"),
        ({**NEW, "name": "\ud800"}, "name"),
        ({**NEW, "password": "shorter"}, "password"),
        ({"username": "carla"}, "password"),
    ],
)
def test_a_fault_is_named_by_its_field(login, admin, body, field):
    answer = login(admin).ask("POST", "people/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert list(answer.json()["fields"]) == [field]


@pytest.mark.parametrize("change", [{"role": "resident"}, {"is_active": False}, None])
def test_the_last_active_admin_stays(login, admin, resident, change):
    accounts.change(resident.pk, {"role": "admin", "is_active": False}, actor(), None)
    browser, path = login(admin), f"people/{admin.pk}/"
    answer = browser.ask("PATCH" if change else "DELETE", path, change)
    assert (answer.status_code, answer.json()["code"]) == (409, "last_admin")
    assert browser.ask("GET", path).json()["role"] == "admin"


def test_of_two_admins_that_demote_each_other_one_remains(admin, resident, monkeypatch):
    accounts.change(resident.pk, {"role": "admin"}, actor(), None)
    both_are_there, require_admin = threading.Barrier(2), accounts.require_admin

    def meet_first() -> None:
        # They are not parallel, because one waits for the end of the other.
        with suppress(threading.BrokenBarrierError):
            both_are_there.wait(timeout=1)
        require_admin()

    monkeypatch.setattr(accounts, "require_admin", meet_first)
    demote = [
        lambda pk=pk: accounts.change(pk, {"role": "resident"}, actor(), None)
        for pk in (admin.pk, resident.pk)
    ]
    results = in_threads(*demote)
    assert sum(isinstance(result, accounts.LastAdmin) for result in results) == 1
    assert Person.objects.filter(role="admin").count() == 1


def actor():
    return Actor(None, "", "test")


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another sentence"}, None])
def test_a_deactivated_person_loses_access_at_once(login, admin, resident, change):
    theirs = login(resident)
    assert theirs.ask("GET", "alarm/state/").status_code == 200
    path = f"people/{resident.pk}/"
    assert login(admin).ask("PATCH" if change else "DELETE", path, change).status_code in (200, 204)
    assert theirs.ask("GET", "alarm/state/").json()["code"] == "login_required"
    assert not Session.objects.filter(person=resident.pk).exists()
    Person.objects.filter(pk=resident.pk).update(is_active=True)
    assert theirs.ask("GET", "alarm/state/").json()["code"] == "login_required"


def test_a_new_role_takes_effect_at_once(login, admin, resident):
    theirs = login(resident)
    assert theirs.ask("GET", "people/").status_code == 403
    login(admin).ask("PATCH", f"people/{resident.pk}/", {"role": "admin"})
    assert theirs.ask("GET", "people/").status_code == 200


def test_an_admin_may_change_their_own_password_here_and_stay(login, admin):
    here, there = login(admin), login(admin)
    answer = here.ask("PATCH", f"people/{admin.pk}/", {"password": "another sentence"})
    assert answer.status_code == 200
    assert here.ask("GET", "people/").status_code == 200
    assert there.ask("GET", "people/").status_code == 403


def test_an_admin_may_leave_where_another_remains(login, admin, resident):
    accounts.change(resident.pk, {"role": "admin"}, actor(), None)
    for method, body in [("PATCH", {"is_active": False}), ("DELETE", None)]:
        Person.objects.filter(pk=admin.pk).update(is_active=True)
        browser = login(admin)
        answer = browser.ask(method, f"people/{admin.pk}/", body)
        assert answer.status_code in (200, 204)
        assert browser.ask("GET", "session/").json()["person"] is None


def test_removing_a_person_removes_their_codes(login, admin, resident):
    codes.create(PIN, "Ben", person=resident)
    browser = login(admin)
    browser.ask("PATCH", f"people/{resident.pk}/", {"is_active": False})
    assert browser.ask("GET", "codes/").json()[0]["status"] == "inactive"
    with pytest.raises(codes.WrongPin):
        codes.verify(PIN, "test")
    browser.ask("DELETE", f"people/{resident.pk}/")
    assert not Code.objects.exists()


def test_the_number_of_persons_is_limited(login, admin, monkeypatch):
    monkeypatch.setattr(accounts, "MAX_PEOPLE", 2)
    browser = login(admin)
    assert browser.ask("POST", "people/", NEW).status_code == 201
    answer = browser.ask("POST", "people/", {**NEW, "username": "dora"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_people")


def test_of_two_that_take_a_name_at_the_same_moment_one_gets_it(login, admin):
    browsers = [login(admin) for _ in range(4)]
    tries = [lambda b=b: b.ask("POST", "people/", NEW) for b in browsers]
    answers = in_threads(*tries)
    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400]
    assert {"username"} == {
        field for answer in answers for field in answer.json().get("fields", ())
    }


def test_the_names_of_others_are_not_asked_of_a_browser_without_a_session(admin):
    assert Browser().ask("GET", f"people/{admin.pk}/").json()["code"] == "login_required"
