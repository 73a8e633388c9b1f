"""Login: sessions, lockouts, and what an outsider can learn."""

import datetime as dt

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils import timezone

from alarm.models import Event
from people import accounts, codes, lockout, sessions
from people.models import Attempts, Person, Session
from people.session_store import SessionStore
from tests.actions import CSRF_COOKIE, SESSION_COOKIE, edit_sessions
from tests.conftest import PASSWORD, Browser, in_threads

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "another long sentence"


def log_in(browser, username: str, password: str, **headers):
    body = {"username": username, "password": password}
    return browser.ask("POST", "session/", body, **headers)


def logged_in(browser) -> str | None:
    person = browser.ask("GET", "session/").json()["person"]
    return person and person["username"]


def test_logging_in_and_out(admin, browser):
    assert logged_in(browser) is None
    answer = log_in(browser, "ANNA", PASSWORD)
    assert answer.status_code == 200
    assert answer.json()["person"]["username"] == "anna"
    assert logged_in(browser) == "anna"
    assert Session.objects.get().person == admin
    assert browser.ask("DELETE", "session/").status_code == 204
    assert logged_in(browser) is None
    answer = browser.ask("DELETE", "session/")
    assert (answer.status_code, answer.json()["code"]) == (403, "login_required")
    event = Event.objects.get(kind="login")
    assert (event.person_id, event.cause) == (admin.pk, "api")
    assert event.source.startswith("Firefox")


def test_the_cookies_are_as_closed_as_they_can_be(admin, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    for https in [False, True]:
        settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = https
        said = {"x-forwarded-proto": "https"} if https else {}
        cookies = log_in(Browser(), "anna", PASSWORD, **said).cookies
        session, csrf = cookies[SESSION_COOKIE], cookies[CSRF_COOKIE]
        assert session["httponly"] is True
        assert session["samesite"] == csrf["samesite"] == "Lax"
        assert bool(session["secure"]) is bool(csrf["secure"]) is https
        assert session["max-age"] == 7 * 24 * 3600


def test_a_login_whose_cookies_the_browser_would_drop_is_refused(admin, browser, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    address = {"host": "192.168.1.2:5427", "origin": "http://192.168.1.2:5427"}
    answer = log_in(browser, "anna", PASSWORD, **address)
    assert (answer.status_code, answer.json()["code"]) == (403, "https_required")
    assert "https://" in answer.json()["detail"]
    assert SESSION_COOKIE not in answer.cookies


def test_a_proxy_that_drops_the_port_is_named(admin, browser):
    answer = log_in(browser, "anna", PASSWORD, origin="http://panel.lan:8080", host="panel.lan")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert "Host header" in answer.json()["detail"]


def test_a_session_key_from_before_the_login_is_not_valid(admin, browser):
    planted = sessions.SessionStore()
    planted["day"] = "planted"
    planted.create()
    browser.cookies[SESSION_COOKIE] = planted.session_key
    log_in(browser, "anna", PASSWORD)
    assert browser.cookies[SESSION_COOKIE].value != planted.session_key
    assert not Session.objects.filter(pk=planted.session_key).exists()


@pytest.mark.parametrize("key", ["\0" * 32, "x" * 31 + "\0", "X" * 32, "x" * 5000, "ä" * 32, ""])
def test_an_unknown_session_key_is_ignored(admin, browser, key):
    """PostgreSQL refuses NUL, so no query may contain it."""
    browser.cookies[SESSION_COOKIE] = key
    answer = browser.ask("GET", "alarm/state/")
    assert (answer.status_code, answer.json()["code"]) == (403, "login_required")


def test_what_changes_something_needs_the_token_and_our_own_page(login, admin):
    browser = login(admin)
    for headers in [{"x-csrftoken": ""}, {"x-csrftoken": "x" * 64}, {"origin": "http://evil.lan"}]:
        for method, path in [("DELETE", "session/"), ("POST", "session/"), ("POST", "people/")]:
            answer = browser.ask(method, path, {} if method == "POST" else None, **headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed"), headers
    assert logged_in(browser) == "anna"
    token = browser.ask("GET", "session/").json()["csrf_token"]
    headers = {"x-csrftoken": token, "origin": "http://localhost"}
    assert browser.ask("DELETE", "session/", **headers).status_code == 204


def test_another_sites_page_cannot_log_in(admin, browser):
    answer = log_in(browser, "anna", PASSWORD, origin="http://evil.example")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")


def test_an_outsider_learns_nothing_of_names(admin, resident):
    Person.objects.filter(pk=resident.pk).update(is_active=False)
    answers = [
        log_in(Browser(), username, password)
        for username, password in [("anna", "wrong"), ("nobody", "wrong"), ("ben", PASSWORD)]
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (403, answers[0].content)
    }
    assert answers[0].json()["code"] == "wrong_credentials"


def test_an_outsider_learns_nothing_of_names_from_the_time_either(admin, resident, monkeypatch):
    """The hash is what takes time; it is computed once for any name."""
    hashed = []
    original = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify

    def encode(self, password, salt):
        hashed.append(password)
        return original[0](self, password, salt)

    def verify(self, password, encoded):
        hashed.append(password)
        return original[1](self, password, encoded)

    monkeypatch.setattr(Argon2PasswordHasher, "encode", encode)
    monkeypatch.setattr(Argon2PasswordHasher, "verify", verify)
    Person.objects.filter(pk=resident.pk).update(is_active=False)
    for username in ["anna", "nobody", "ben"]:
        log_in(Browser(), username, "wrong")
        assert hashed == ["wrong"], username
        hashed.clear()


def test_failures_lock_out_a_name_at_an_address_and_the_pause_doubles(admin, browser):
    for seconds in [60, 120, 240]:
        for _ in range(lockout.LIMIT - 1):
            assert log_in(browser, "anna", "wrong").json()["code"] == "wrong_credentials"
        for password in ["wrong", PASSWORD]:  # even the right one has to wait
            answer = log_in(browser, "Anna", password)
            assert (answer.status_code, answer.json()["code"]) == (429, "locked_out")
            assert seconds - 5 <= int(answer.headers["Retry-After"]) <= seconds
        Attempts.objects.update(locked_until=timezone.now())
    assert log_in(browser, "anna", PASSWORD).status_code == 200
    # The network's count stays: one's own login does not forgive guesses at others' passwords.
    assert Attempts.objects.filter(failures=0, pauses=0, locked_until=None).count() == 1
    assert Attempts.objects.get(failures__gt=0).failures == 3 * lockout.LIMIT
    kinds = Event.objects.values_list("kind", flat=True)
    assert list(kinds).count("login_failed") == 3 * lockout.LIMIT
    assert list(kinds).count("lockout") == 3


def test_a_lockout_is_for_one_name_at_one_address(admin, resident, browser):
    for _ in range(lockout.LIMIT):
        answer = log_in(browser, "anna", "wrong", **{"x-forwarded-for": "10.0.0.1"})
    assert answer.status_code == 429
    assert log_in(browser, "anna", PASSWORD, **{"x-forwarded-for": "10.0.0.2"}).status_code == 200
    assert log_in(Browser(), "ben", PASSWORD, **{"x-forwarded-for": "10.0.0.1"}).status_code == 200


def test_an_unknown_name_is_locked_out_like_a_known_one(admin, browser):
    answers = [log_in(browser, "nobody", "wrong") for _ in range(lockout.LIMIT)]
    assert [answer.status_code for answer in answers] == [403] * 4 + [429]


def test_trying_many_names_leads_to_a_lockout_too(admin, browser):
    statuses = [
        log_in(browser, f"name{number}", "wrong").status_code
        for number in range(accounts.FROM_ONE_NETWORK)
    ]
    assert statuses == [403] * (accounts.FROM_ONE_NETWORK - 1) + [429]
    assert log_in(browser, "anna", PASSWORD).status_code == 429


def test_parallel_failures_are_counted_one_by_one(admin):
    tries = in_threads(*[lambda: log_in(Browser(), "anna", "wrong").status_code] * 8)
    assert sorted(tries) == [403] * (lockout.LIMIT - 1) + [429] * (8 - lockout.LIMIT + 1)


def test_invented_names_neither_fill_the_table_nor_guess_freely(admin, pin, monkeypatch):
    """From an address each. Nor do they keep a person from disarming."""
    monkeypatch.setattr(lockout, "MOST_SOURCES", 4)

    def log_in_from(number: int) -> int:
        said = {"x-forwarded-for": f"10.0.0.{number}"}
        return log_in(Browser(), f"name{number}", "wrong", **said).status_code

    statuses = [log_in_from(number) for number in range(2 + lockout.LIMIT + 3)]
    assert statuses == [403] * (2 + lockout.LIMIT - 1) + [429] * 4
    assert Attempts.objects.count() == 5  # the last is that of all others
    assert codes.verify(pin, "person:1")
    assert Attempts.objects.count() == 6


def test_attempts_are_forgotten_after_a_day_and_hold_no_names(admin, browser):
    log_in(browser, "anna", "wrong")
    assert all(len(row.source) == 64 for row in Attempts.objects.all())
    Attempts.objects.update(last_at=timezone.now() - lockout.FORGOTTEN_AFTER, failures=4)
    assert log_in(browser, "anna", "wrong").status_code == 403
    assert {row.failures for row in Attempts.objects.all()} == {1}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.168.1.7", "192.168.1.7/32"),
        ("2001:db8::1:2:3", "2001:db8::/64"),
        ("nonsense", "unknown"),
    ],
)
def test_what_counts_as_one_client(address, network):
    assert accounts.network_of(address) == network


@pytest.mark.parametrize(("role", "days"), [("admin", 7), ("resident", 30), ("kiosk", 90)])
def test_a_session_slides_by_the_role_and_is_written_now_and_then(login, admin, role, days):
    """Shorter for admins, whose session can do more; a tablet on the wall stays logged in."""
    person = Person.objects.create_user("carla", PASSWORD, role=role)
    browser = login(person)
    browser.ask("GET", "alarm/state/")
    first = Session.objects.get().expire_date
    assert SESSION_COOKIE not in browser.ask("GET", "session/").cookies
    assert Session.objects.get().expire_date == first
    earlier = timezone.now() - sessions.USED_EVERY
    edit_sessions(lambda data: data.update(used_at=earlier.timestamp()))
    Session.objects.update(expire_date=timezone.now() + dt.timedelta(minutes=1))
    answer = browser.ask("GET", "session/")
    assert answer.cookies[SESSION_COOKIE]["max-age"] == days * 24 * 3600
    assert Session.objects.get().expire_date > timezone.now() + dt.timedelta(days=days - 1)


def test_an_expired_session_has_no_person(login, admin):
    browser = login(admin)
    Session.objects.update(expire_date=timezone.now())
    assert logged_in(browser) is None
    SessionStore.clear_expired()
    assert not Session.objects.exists()


def change_password(browser, current: str, new: str):
    return browser.ask("POST", "session/password/", {"current": current, "new": new})


def test_a_password_change_ends_the_other_sessions(login, resident):
    here, there = login(resident), login(resident)
    key = here.cookies[SESSION_COOKIE].value
    assert change_password(here, PASSWORD, NEW).status_code == 204
    assert here.cookies[SESSION_COOKIE].value != key
    assert (logged_in(here), logged_in(there)) == ("ben", None)
    assert Session.objects.filter(person=resident).count() == 1
    assert log_in(Browser(), "ben", PASSWORD).status_code == 403
    assert log_in(Browser(), "ben", NEW).status_code == 200


def test_a_password_change_needs_the_current_one_and_a_good_one(login, resident):
    browser = login(resident)
    answer = change_password(browser, PASSWORD, "short")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["new"])
    for _ in range(lockout.LIMIT - 1):
        answer = change_password(browser, "wrong", NEW)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_credentials")
    answer = change_password(browser, "wrong", NEW)
    assert (answer.status_code, answer.json()["code"]) == (429, "locked_out")
    assert log_in(Browser(), "ben", PASSWORD).status_code == 200
