"""The alarm over HTTP: arming, disarming, settings, and errors that are always JSON."""

import datetime as dt

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from alarm import services
from alarm.models import AlarmSettings, Event
from people import codes, lockout, pins
from people.models import Attempts
from tests.actions import CSRF_COOKIE, arm, armed, current, disarm, hear, make_sensor
from tests.conftest import PIN

pytestmark = pytest.mark.django_db(transaction=True)
SNAPSHOT = {"state", "target", "changed_at", "deadline", "sequence", "triggered_by", "not_ready"}
SNAPSHOT |= {"siren", "memory", "trouble"}
SETTINGS = {"exit_delay", "entry_delay", "siren_duration", "retention_days"}


@pytest.fixture
def page(resident, login, pin):
    """A resident's browser."""
    return login(resident)


def code_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_arming_and_disarming(page):
    state = page.ask("GET", "alarm/state/").json()
    assert (set(state), state["state"]) == (SNAPSHOT, "disarmed")
    state = page.ask("POST", "alarm/arm/", {"mode": "night"}).json()
    assert (state["state"], state["target"]) == ("arming", "armed_night")
    begin, end = (dt.datetime.fromisoformat(state[name]) for name in ("changed_at", "deadline"))
    assert end - begin == dt.timedelta(seconds=600)
    assert page.ask("GET", "alarm/state/").json() == state
    assert code_of(page.ask("POST", "alarm/arm/", {"mode": "away"})) == (409, "illegal_transition")
    answer = page.ask("POST", "alarm/disarm/", {"pin": PIN})
    assert (answer.status_code, answer.json()["state"]) == (200, "disarmed")
    assert code_of(page.ask("POST", "alarm/disarm/", {"pin": PIN})) == (409, "illegal_transition")
    stored = Event.objects.filter(kind="transition").first()
    assert (stored.person_name, stored.source) == ("Ben", "Firefox, 127.0.0.1")


def test_arming_names_open_sensors_and_accepts_a_bypass(page):
    door = make_sensor()
    hear(door)
    answer = page.ask("POST", "alarm/arm/", {"mode": "away"})
    assert code_of(answer) == (409, "not_ready")
    assert answer.json()["detail"] == "Not ready to arm: Back door is open."
    assert answer.json()["sensors"] == [{"id": door.pk, "name": "Back door", "reasons": ["open"]}]
    answer = page.ask("POST", "alarm/arm/", {"mode": "away", "bypass": [door.pk, door.pk]})
    assert (answer.status_code, answer.json()["state"]) == (200, "arming")
    assert Event.objects.filter(kind="bypass", sensor_id=door.pk).count() == 1


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "null", "[" * 40000, {}, {"mode": "sea"}, {"mode": None}, {"mode": ["away"]}]
    + [{"mode": "away", "bypass": wrong} for wrong in (7, "7", ["7"], [True], [0], [4711], [2**70])]
    + [{"mode": "away", "bypass": list(range(1, 300))}],
)
def test_a_malformed_arm_request(page, body):
    assert page.ask("POST", "alarm/arm/", body).status_code == 400
    assert current()["state"] == "disarmed"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "123",
        "1" * 13,
        "12a4",
        "\uff11\uff12\uff13\uff14",
        "2580\n",
        " 2580",
        None,
        2580,
        "\x00",
    ],
)
def test_a_malformed_pin_is_not_an_attempt(page, typed):
    arm()
    for _ in range(6):
        assert page.ask("POST", "alarm/disarm/", {"pin": typed}).status_code == 400
    assert page.ask("POST", "alarm/disarm/", {"pin": PIN}).status_code == 200


def test_wrong_pins_lock_that_person_out(page, admin, login):
    arm()
    for _ in range(4):
        assert code_of(page.ask("POST", "alarm/disarm/", {"pin": "0000"})) == (403, "wrong_pin")
    for attempt in ["0000", PIN]:  # even the right one has to wait
        answer = page.ask("POST", "alarm/disarm/", {"pin": attempt})
        assert code_of(answer) == (429, "locked_out")
        assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert login(admin).ask("POST", "alarm/disarm/", {"pin": PIN}).status_code == 200


def test_a_code_out_of_its_time_is_answered_like_a_wrong_pin(page):
    """It could be guessed before it is valid. The history, which admins see, has the reason."""
    arm()
    codes.create("7777", "Cleaner", valid_until=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    answers = [page.ask("POST", "alarm/disarm/", {"pin": pin}) for pin in ("7777", "0000")]
    assert code_of(answers[0]) == (403, "wrong_pin")
    assert answers[0].content == answers[1].content
    reasons = Event.objects.filter(kind="wrong_pin").order_by("id").values_list("detail", flat=True)
    assert list(reasons) == ["This PIN is no longer valid.", "This PIN is wrong."]


def test_with_nothing_to_disarm_the_answer_does_not_tell_a_right_pin(page, monkeypatch):
    """Nor does its cost: as many hashes, statements to the database and failures are counted."""
    hashed = []
    for module, name in [
        (pins, "hash_secret_raw"),
        (Argon2PasswordHasher, "encode"),
        (Argon2PasswordHasher, "verify"),
    ]:
        original = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *a, _o=original, **k: (hashed.append(1), _o(*a, **k))[1]
        )
    seen = []
    for pin in (PIN, "0000"):
        page.ask("GET", "alarm/state/")
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            answer = page.ask("POST", "alarm/disarm/", {"pin": pin})
        kinds = [query["sql"].split()[0] for query in queries]
        seen.append((answer.status_code, answer.content, len(hashed), kinds))
    assert seen[0] == seen[1]
    assert seen[0][0] == 409
    assert seen[0][2] == 2


def test_attempts_with_nothing_to_disarm_lock_out_right_or_wrong(page):
    for typed in (PIN, "0000"):
        Attempts.objects.all().delete()
        answers = [page.ask("POST", "alarm/disarm/", {"pin": typed}) for _ in range(lockout.LIMIT)]
        codes_of_answers = [code_of(answer) for answer in answers]
        assert codes_of_answers == [(409, "illegal_transition")] * 4 + [(429, "locked_out")]


def test_without_a_code_disarming_is_impossible(resident, login):
    answer = login(resident).ask("POST", "alarm/disarm/", {"pin": "1234"})
    assert code_of(answer) == (409, "no_pin")


def test_a_duress_pin_answers_byte_for_byte_like_another(page):
    codes.create("9999", "Help", duress=True)
    answers = []
    for pin in (PIN, "9999"):
        armed()
        answer = page.ask("POST", "alarm/disarm/", {"pin": pin})
        body = {**answer.json(), "changed_at": "", "sequence": 0}
        answers.append((answer.status_code, body, sorted(answer.headers)))
        again = page.ask("POST", "alarm/disarm/", {"pin": pin})
        answers.append((again.status_code, again.json()))
    assert answers[:2] == answers[2:]


# --- Settings -------------------------------------------------------------------------------------


def test_an_admin_changes_the_settings_that_everyone_reads(page, admin, login):
    before = page.ask("GET", "settings/").json()
    assert set(before) == SETTINGS
    assert code_of(page.ask("PATCH", "settings/", {"siren_duration": 5})) == (403, "admin_only")
    body = {"exit_delay": {"away": 5}, "entry_delay": {"home": 600}}
    answer = login(admin).ask("PATCH", "settings/", body)
    wanted = {**before, "exit_delay": {**before["exit_delay"], "away": 5}}
    assert answer.json() == wanted == page.ask("GET", "settings/").json()
    stored = Event.objects.get(kind="setting")
    assert (stored.detail, stored.person_name) == ("Exit delay away 600 → 5.", "Anna")


@pytest.mark.parametrize(
    "body",
    [{"exit_delay": wrong} for wrong in (-1, 3601, "5", 1.5, True, None, 10**30)]
    + [{"exit_delay": {"away": wrong}} for wrong in (-1, 3601, "5", 1.5, True, None, 10**30)]
    + [{"siren_duration": 0}, {"siren_duration": 86401}, {"retention_days": 0}, [], "{"]
    + [{"retention_days": 3651}],
)
def test_settings_have_bounds(admin, login, body):
    before = AlarmSettings.load()
    answer = login(admin).ask("PATCH", "settings/", body)
    assert code_of(answer)[0] == 400
    after = AlarmSettings.load()
    assert vars(after) | {"_state": 0} == vars(before) | {"_state": 0}


# --- Permissions and errors -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "alarm/state/"),
        ("POST", "alarm/arm/"),
        ("POST", "alarm/disarm/"),
        ("POST", "alarm/acknowledge/"),
        ("GET", "sensors/types/"),
        ("GET", "settings/"),
        ("GET", "sensors/"),
        ("PATCH", "sensors/1/"),
        ("POST", "sensors/1/bypass/"),
        ("POST", "sensors/1/token/"),
        ("GET", "events/"),
        ("GET", "events/export/"),
    ],
)
def test_every_address_requires_a_session(browser, admin, method, path):
    assert code_of(browser.ask(method, path, {})) == (403, "login_required")


@pytest.mark.parametrize("debug", [True, False])
def test_every_error_is_json(page, settings, monkeypatch, debug):
    settings.DEBUG = debug
    assert page.ask("GET", "nothing/").status_code == 404
    assert page.ask("GET", "alarm/state").status_code == 404  # and no redirect
    assert page.ask("GET", "alarm/arm/").status_code == 405
    assert page.ask("GET", "alarm/state/", host="evil.example").status_code == 400
    assert code_of(page.ask("POST", "health/live/")) == (405, "method_not_allowed")
    assert code_of(page.ask("POST", "alarm/state/")) == (405, "method_not_allowed")
    token = page.cookies[CSRF_COOKIE].value  # a form, as another site could send it
    form = page.post("/api/alarm/arm/", {"mode": "home"}, headers={"x-csrftoken": token})
    assert code_of(form) == (415, "unsupported_media_type")
    monkeypatch.setattr(services, "current", lambda: 1 / 0)
    answer = page.ask("GET", "alarm/state/")
    assert code_of(answer) == (500, "server_error")
    assert "division" not in answer.json()["detail"]


def test_a_missing_database_is_not_a_crash(page, monkeypatch):
    def fail():
        raise OperationalError("connection to server at db failed")

    monkeypatch.setattr(services, "current", fail)
    answer = page.ask("GET", "alarm/state/")
    assert code_of(answer) == (503, "database_unavailable")
    assert "server at" not in answer.json()["detail"]


def test_disarming_in_another_tab_is_no_surprise(page):
    arm()
    disarm()
    assert page.ask("POST", "alarm/arm/", {"mode": "home"}).status_code == 200
