"""Browsers that show notifications: subscribing, testing, and the end of it."""

import pytest
from django.utils import timezone

from notifications import browsers
from notifications.models import PushSubscription
from people.models import Session
from people.session_store import SessionStore
from tests.conftest import PASSWORD
from tests.notifying import ENDPOINT, make_browser, subscription
from tests.receivers import BrowserKeys
from tests.test_web_push import push_service  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_person_subscribes_a_browser_and_repeats_that(login, resident):
    page = login(resident)
    before = page.ask("GET", "notifications/push/").json()
    assert before["subscriptions"] == []
    assert before["kinds"] == ["alarm", "trouble", "arming", "late_arming"]
    body = subscription(["arming", "alarm"])
    made = page.ask("POST", "notifications/push/", body)
    assert made.status_code == 201
    assert made.json()["kinds"] == ["alarm", "arming"]
    assert made.json()["device"].startswith("Firefox")
    again = page.ask("POST", "notifications/push/", body)
    assert again.json()["id"] == made.json()["id"]
    text = page.ask("GET", "notifications/push/").content.decode()
    for secret in (ENDPOINT, *body["keys"].values()):
        assert secret not in text
        assert secret not in PushSubscription.objects.get().subscription


def test_a_resident_cannot_subscribe_to_duress(login, resident):
    answer = login(resident).ask("POST", "notifications/push/", subscription(["duress"]))
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["kinds"])


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "https://192.168.1.1/"},
        {"endpoint": "http://localhost/"},
        {"keys": {"p256dh": "x" * 87, "auth": "x" * 22}},
        {"keys": {"p256dh": "x", "auth": "y"}},
        {"keys": None},
    ],
)
def test_a_wrong_subscription_is_refused(page, change):
    answer = page.ask("POST", "notifications/push/", subscription() | change)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


def test_the_browsers_of_others_cannot_be_ended_or_tested(login, admin, resident):
    row = make_browser(resident)
    page = login(admin)
    assert page.ask("DELETE", f"notifications/push/{row.pk}/").status_code == 404
    assert page.ask("POST", f"notifications/push/{row.pk}/test/").status_code == 404


def test_a_person_has_so_many_browsers(page, monkeypatch):
    monkeypatch.setattr(browsers, "MOST_OF_ONE", 1)
    page.ask("POST", "notifications/push/", subscription())
    answer = page.ask("POST", "notifications/push/", subscription(endpoint=f"{ENDPOINT}2"))
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_browsers")


def test_the_browser_of_another_person_counts_when_it_is_taken_over(
    login, admin, resident, monkeypatch
):
    monkeypatch.setattr(browsers, "MOST_OF_ONE", 1)
    shared = subscription(endpoint=f"{ENDPOINT}2")
    page, other = login(admin), login(resident)
    page.ask("POST", "notifications/push/", subscription())
    other.ask("POST", "notifications/push/", shared)
    assert page.ask("POST", "notifications/push/", shared).status_code == 409
    page.ask("DELETE", f"notifications/push/{PushSubscription.objects.get(person=admin).pk}/")
    assert page.ask("POST", "notifications/push/", shared).status_code == 201
    assert PushSubscription.objects.get().person == admin


def test_the_test_of_a_browser(page, admin, push_service):  # noqa: F811  # a fixture
    browser = BrowserKeys()
    endpoint = f"https://127.0.0.1:{push_service.port}/1"
    row = make_browser(admin, endpoint=endpoint, browser=browser)
    assert page.ask("POST", f"notifications/push/{row.pk}/test/").json()["ok"]
    assert browser.read(push_service.requests[0][2])["title"] == "Test"


def test_a_session_that_is_ended_takes_its_browser_along_and_one_that_expires_does_not(
    login, resident
):
    page = login(resident)
    page.ask("POST", "notifications/push/", subscription())
    other = login(resident)
    other.ask("POST", "notifications/push/", subscription(endpoint=f"{ENDPOINT}2"))
    assert page.ask("DELETE", "session/").status_code in (200, 204)
    [left] = PushSubscription.objects.all()
    Session.objects.update(expire_date=timezone.now())
    SessionStore.clear_expired()
    assert PushSubscription.objects.get() == left


def test_a_new_password_ends_the_browsers_of_other_sessions(login, resident):
    page, stolen = login(resident), login(resident)
    stolen.ask("POST", "notifications/push/", subscription())
    body = {"current": PASSWORD, "new": "another good password"}
    assert page.ask("POST", "session/password/", body).status_code == 204
    assert not PushSubscription.objects.exists()
