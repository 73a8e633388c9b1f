"""PIN codes: which one disarms and when, lockouts, and that no PIN is shown."""

import datetime as dt

import pytest
from django.db.models import F
from django.utils import timezone

from alarm.models import Event
from people import codes, lockout
from people.models import Attempts, Code
from tests.conftest import PIN, in_threads

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = dt.timedelta(hours=1)


def test_an_admin_makes_changes_and_removes_codes(login, admin, resident):
    browser = login(admin)
    made = browser.ask("POST", "codes/", {"label": "Ben", "pin": PIN, "person": resident.pk})
    assert made.status_code == 201
    code = made.json()
    assert code == {
        "id": code["id"],
        "label": "Ben",
        "person": resident.pk,
        "person_name": "Ben",
        "duress": False,
        "valid_from": None,
        "valid_until": None,
        "is_active": True,
        "last_used_at": None,
        "status": "active",
    }
    codes.verify(PIN, "test")
    (listed,) = browser.ask("GET", "codes/").json()
    assert listed["last_used_at"].endswith("Z")
    assert {**listed, "last_used_at": None} == code
    path = f"codes/{code['id']}/"
    changes = {
        "label": "Guest",
        "person": None,
        "pin": "9876",
        "valid_until": "2099-01-01T00:00:00Z",
    }
    changed = browser.ask("PATCH", path, changes).json()
    assert (changed["person"], changed["person_name"]) == (None, None)
    assert changed["valid_until"] == "2099-01-01T00:00:00.000000Z"
    assert codes.verify("9876", "test").label == "Guest"
    with pytest.raises(codes.WrongPin):
        codes.verify(PIN, "test")
    assert browser.ask("DELETE", path).status_code == 204
    assert browser.ask("DELETE", path).status_code == 404
    assert browser.ask("PATCH", path, {}).status_code == 404
    stored = str(list(Event.objects.filter(kind="code").values()))
    assert "Guest was removed." in stored
    assert "it belongs to no person" in stored
    assert "the PIN was changed" in stored
    assert PIN not in stored
    assert "9876" not in stored


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"label": "x"}, "pin"),
        ({"pin": PIN}, "label"),
        ({"label": "x" * 65, "pin": PIN}, "label"),
        ({"label": "x", "pin": "123"}, "pin"),
        ({"label": "x", "pin": "1" * 13}, "pin"),
        ({"label": "x", "pin": 2580}, "pin"),
        ({"label": "x", "pin": "\uff11\uff12\uff13\uff14"}, "pin"),
        ({"label": "x", "pin": "1234\n"}, "pin"),
        ({"label": "x", "pin": PIN, "person": 999}, "person"),
        ({"label": "x", "pin": PIN, "person": 10**40}, "person"),
        ({"label": "x", "pin": PIN, "person": "1"}, "person"),
        ({"label": "x", "pin": PIN, "duress": None}, "duress"),
        ({"label": "x", "pin": PIN, "valid_from": "tomorrow"}, "valid_from"),
        ({"label": "x", "pin": PIN, "valid_from": "2026-01-01T00:00:00"}, "valid_from"),
        ({"label": "x", "pin": PIN, "valid_from": "0001-01-01T00:00:00+10:00"}, "valid_from"),
        ({"label": "x", "pin": PIN, "valid_from": "9999-12-31T23:59:59-10:00"}, "valid_from"),
        ({"label": "x", "pin": PIN, "valid_from": 5}, "valid_from"),
        (
            {
                "label": "x",
                "pin": PIN,
                "valid_from": "2030-01-02T00:00:00Z",
                "valid_until": "2030-01-01T00:00:00Z",
            },
            "valid_until",
        ),
    ],
)
def test_a_fault_is_named_by_its_field(login, admin, body, field):
    answer = login(admin).ask("POST", "codes/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert list(answer.json()["fields"]) == [field]


def test_no_two_codes_have_the_same_pin(login, admin, pin):
    browser = login(admin)
    answer = browser.ask("POST", "codes/", {"label": "Other", "pin": pin})
    assert (answer.status_code, answer.json()["code"]) == (409, "pin_taken")
    other = browser.ask("POST", "codes/", {"label": "Other", "pin": "1111"}).json()
    path = f"codes/{other['id']}/"
    answer = browser.ask("PATCH", path, {"label": "Changed", "pin": pin})
    assert (answer.status_code, answer.json()["code"]) == (409, "pin_taken")
    assert Code.objects.get(pk=other["id"]).label == "Other"
    assert browser.ask("PATCH", path, {"pin": "1111"}).status_code == 200  # its own


def test_of_parallel_codes_with_one_pin_one_is_added(login, admin):
    body = {"label": "x", "pin": PIN}
    browsers = [login(admin) for _ in range(4)]
    tries = [lambda b=b: b.ask("POST", "codes/", body).status_code for b in browsers]
    assert sorted(in_threads(*tries)) == [201, 409, 409, 409]


def test_the_number_of_codes_is_limited(login, admin):
    for number in range(codes.MAX_CODES):
        codes.create(str(1000 + number), "x")
    answer = login(admin).ask("POST", "codes/", {"label": "x", "pin": PIN})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_codes")


@pytest.mark.parametrize(
    ("fields", "status", "fault"),
    [
        ({}, "active", None),
        ({"duress": True}, "active", None),
        ({"valid_from": -HOUR, "valid_until": HOUR}, "active", None),
        ({"valid_from": HOUR}, "not_yet", codes.WrongPin),
        ({"valid_until": -HOUR}, "expired", codes.WrongPin),
        ({"is_active": False}, "inactive", codes.WrongPin),
        ({"is_active": False, "valid_until": -HOUR}, "inactive", codes.WrongPin),
    ],
)
def test_a_code_disarms_in_its_time(db, fields, status, fault):
    now = timezone.now()
    moments = {
        name: now + value for name, value in fields.items() if isinstance(value, dt.timedelta)
    }
    code = codes.create(PIN, "x", **{**fields, **moments})
    assert code.status == status
    if fault is None:
        assert codes.verify(PIN, "test") == code
    else:
        with pytest.raises(fault):
            codes.verify(PIN, "test")
    code.refresh_from_db()
    assert (code.last_used_at is not None) == (fault is None)


def test_wrong_pins_lock_out_a_source_and_the_pause_doubles(pin):
    for seconds in [60, 120, 240, 480, 960, 1920, 3600, 3600]:
        for _ in range(lockout.LIMIT - 1):
            with pytest.raises(codes.WrongPin):
                codes.verify("0000", "person:1")
        for candidate in ["0000", pin]:  # even the right one has to wait
            with pytest.raises(lockout.LockedOut) as locked:
                codes.verify(candidate, "person:1")
            assert seconds - 5 <= locked.value.seconds <= seconds
        assert codes.verify(pin, "mqtt")  # another source is not concerned
        Attempts.objects.update(locked_until=timezone.now())
    kinds = list(Event.objects.values_list("kind", flat=True))
    assert (kinds.count("lockout"), kinds.count("wrong_pin")) == (8, 8 * lockout.LIMIT)


def test_a_clock_that_was_set_back_causes_no_lockout(pin):
    for _ in range(lockout.LIMIT - 1):
        with pytest.raises(codes.WrongPin):
            codes.verify("0000", "person:1")
    with pytest.raises(lockout.LockedOut):
        codes.verify("0000", "person:1")
    Attempts.objects.update(locked_until=timezone.now() + dt.timedelta(days=1))
    assert codes.verify(pin, "person:1")


def test_a_right_pin_does_not_forgive_guesses_at_others(pin):
    """Four guesses and one's own PIN, again and again, would try all PINs without a pause."""
    for _ in range(lockout.LIMIT - 1):
        with pytest.raises(codes.WrongPin):
            codes.verify("0000", "person:1")
    assert codes.verify(pin, "person:1")
    with pytest.raises(lockout.LockedOut):
        codes.verify("0001", "person:1")


def guess(times: int, source: str = "person:1") -> list[type]:
    """Enter wrong PINs; return what each led to."""
    faults = []
    for _ in range(times):
        with pytest.raises((codes.WrongPin, lockout.LockedOut)) as caught:
            codes.verify("0000", source)
        faults.append(caught.type)
    return faults


def age(ago: dt.timedelta, *fields: str) -> None:
    """Let moments of all sources be that much earlier."""
    Attempts.objects.update(**{name: F(name) - ago for name in fields})


def test_failures_fade_one_by_one_with_time(pin):
    guess(lockout.LIMIT - 1)
    age(2 * lockout.FADES_AFTER, "counted_from")
    assert guess(3) == [codes.WrongPin, codes.WrongPin, lockout.LockedOut]


def test_the_doubling_of_pauses_fades_too(pin):
    for wanted in [60, 120]:
        guess(lockout.LIMIT - 1)
        with pytest.raises(lockout.LockedOut) as locked:
            codes.verify("0000", "person:1")
        assert wanted - 5 <= locked.value.seconds <= wanted
        Attempts.objects.update(locked_until=timezone.now())
    age(2 * lockout.PAUSE_FADES_AFTER, "locked_until")
    codes.verify(pin, "person:1")
    guess(lockout.LIMIT)
    with pytest.raises(lockout.LockedOut) as locked:
        codes.verify(pin, "person:1")
    assert locked.value.seconds <= 60


def test_a_clock_that_was_set_forward_and_back_does_not_keep_failures(pin):
    guess(lockout.LIMIT - 1)
    age(-dt.timedelta(days=400), "counted_from")
    guess(1)
    assert Attempts.objects.get().counted_from <= timezone.now()


def test_one_source_cannot_lock_another_out(pin):
    """A device on the broker, the page, and Home Assistant."""
    guess(lockout.LIMIT, "mqtt:keypad")
    with pytest.raises(lockout.LockedOut):
        codes.verify(pin, "mqtt:keypad")
    assert codes.verify(pin, "mqtt")
    assert codes.verify(pin, "person:1")


def test_parallel_wrong_pins_are_counted_one_by_one(pin):
    results = in_threads(*[lambda: codes.verify("0000", "person:1")] * 8)
    kinds = [type(result) for result in results]
    assert kinds.count(codes.WrongPin) == lockout.LIMIT - 1
    assert kinds.count(lockout.LockedOut) == 8 - lockout.LIMIT + 1


def test_without_codes_an_attempt_does_not_count(db):
    with pytest.raises(codes.NoCode):
        codes.verify("1234", "test")
    assert not Attempts.objects.exists()
