"""Sensors over HTTP: their management, their reports, and refused reports."""

import datetime as dt

import pytest
from django.utils import timezone

from alarm import sensor_reports
from alarm.models import Change, Event, Report, Sensor
from alarm.serializers import MOST_SENSORS
from tests.actions import ALL, armed, current, hear, make_sensor, state
from tests.conftest import in_threads

pytestmark = pytest.mark.django_db(transaction=True)
SENSOR = {"id", "name", "kind", "type", "modes", "entry_delay", "final_door", "chime", "heartbeat"}
SENSOR |= {"bypassed", "active", "last_heard_at", "no_contact_from", "trouble"}


@pytest.fixture
def office(admin, login):
    """The admin's browser."""
    return login(admin)


@pytest.fixture
def page(resident, login):
    """A resident's browser."""
    return login(resident)


def code_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def create(office, **fields) -> dict:
    answer = office.ask("POST", "sensors/", {"name": "Back door", "kind": "door", **fields})
    assert answer.status_code == 201, answer.json()
    return answer.json()


def report(browser, sensor: dict, token: str | None = None, **body):
    """Report as the sensor's device does: without a session, by its token."""
    authorization = f"Bearer {sensor['token'] if token is None else token}"
    browser.cookies.clear()
    path = f"sensors/{sensor['id']}/events/"
    return browser.ask("POST", path, {"active": True, **body}, authorization=authorization)


def at(**ago: float) -> str:
    """Return a moment so long ago, as a device writes it."""
    return (timezone.now() - dt.timedelta(**ago)).isoformat()


# --- Managing them --------------------------------------------------------------------------------


def test_an_admin_adds_changes_and_removes_a_sensor(office):
    sensor = create(office, modes=["night", "away"], entry_delay=45)
    assert set(sensor) == SENSOR | {"token", "mqtt"}
    shown = [sensor[name] for name in ("type", "modes", "entry_delay", "active")]
    assert shown == ["entry_exit", ["away", "night"], 45, None]
    path = f"sensors/{sensor['id']}/"
    changed = office.ask("PATCH", path, {"name": "Side door", "modes": ["home"]}).json()
    assert (changed["name"], changed["modes"], set(changed)) == ("Side door", ["home"], SENSOR)
    assert office.ask("GET", "sensors/").json() == [changed]
    assert office.ask("DELETE", path).status_code == 204
    assert office.ask("DELETE", path).status_code == 404
    assert office.ask("GET", "sensors/").json() == []
    topics = list(Change.objects.order_by("sequence").values_list("topic", flat=True))
    of_sensors = [topic for topic in topics if topic.startswith("sensor")]
    assert of_sensors == ["sensor", "sensor", "sensor_removed"]
    details = Event.objects.filter(sensor_id=sensor["id"]).values_list("sensor_name", "detail")
    assert list(details) == [
        ("Side door", "Removed."),
        ("Side door", "Changed: modes, name."),
        ("Back door", "Added."),
    ]


@pytest.mark.parametrize("kind", ["smoke", "water"])
def test_smoke_and_water_sensors_are_live_in_every_position(office, kind):
    sensor = create(office, kind=kind, modes=[])
    assert (sensor["modes"], sensor["entry_delay"]) == (ALL, None)
    path = f"sensors/{sensor['id']}/"
    assert office.ask("PATCH", path, {"modes": ["home"]}).json()["modes"] == ALL
    assert code_of(office.ask("POST", path + "bypass/", {"bypassed": True})) == (400, "invalid")


def test_names_are_unique_in_whichever_case(office):
    create(office)
    other = create(office, name="Window", kind="window")
    answer = office.ask("POST", "sensors/", {"name": "BACK DOOR", "kind": "door"})
    assert code_of(answer) == (409, "name_taken")
    answer = office.ask("PATCH", f"sensors/{other['id']}/", {"name": "back door"})
    assert code_of(answer) == (409, "name_taken")
    assert office.ask("PATCH", f"sensors/{other['id']}/", {"name": "WINDOW"}).status_code == 200


def test_the_number_of_sensors_is_limited(office):
    Sensor.objects.bulk_create(Sensor(name=str(n), kind="door") for n in range(MOST_SENSORS))
    answer = office.ask("POST", "sensors/", {"name": "One more", "kind": "door"})
    assert code_of(answer) == (409, "too_many_sensors")


@pytest.mark.parametrize(
    "body",
    ["{", [], {}, {"name": "x"}, {"name": "x", "kind": "cat"}, {"name": "", "kind": "door"}]
    + [{"name": name, "kind": "door"} for name in ("\x00", "\ud800", 7, None, " ")]
    + [{"name": name, "kind": "door"} for name in ("x" * 65, " " + "x" * 64)]
    + [{"name": "x", "kind": "door", "modes": modes} for modes in ("home", ["sea"], [7], ALL * 2)]
    + [{"name": "x", "kind": "door", "entry_delay": wrong} for wrong in (True, "9", -1, 3601)]
    + [{"name": "x", "kind": "door", "heartbeat": wrong} for wrong in (-1, 10**9, "9", True)]
    + [{"name": "x", "kind": "door", "type": wrong} for wrong in ("fire", "cat", None, 7)]
    + [{"name": "x", "kind": "window", wrong: True} for wrong in ("final_door", "entry_delay")]
    + [{"name": "x", "kind": "smoke", wrong: True} for wrong in ("chime", "final_door")]
    + [{"name": "x", "kind": "window", "entry_delay": 30}],
)
def test_malformed_sensors(office, body):
    assert code_of(office.ask("POST", "sensors/", body)) in [(400, "invalid"), (400, "parse_error")]


@pytest.mark.parametrize("number", ["0", "4711", "9" * 30, "x", "-1"])
def test_unknown_sensors(office, number):
    for method, path, body in [
        ("PATCH", "", {"name": "x"}),
        ("DELETE", "", None),
        ("POST", "token/", None),
        ("POST", "bypass/", {"bypassed": True}),
    ]:
        assert office.ask(method, f"sensors/{number}/{path}", body).status_code == 404


def test_what_a_resident_may(page):
    sensor = make_sensor()
    path = f"sensors/{sensor.pk}/"
    assert page.ask("GET", "sensors/").status_code == 200
    for method, where, body in [
        ("POST", "sensors/", {"name": "x", "kind": "door"}),
        ("PATCH", path, {"name": "x"}),
        ("DELETE", path, None),
        ("POST", path + "token/", None),
    ]:
        assert code_of(page.ask(method, where, body)) == (403, "admin_only")
    answer = page.ask("POST", path + "bypass/", {"bypassed": True})
    assert (answer.status_code, answer.json()["bypassed"]) == (200, True)
    for wrong in ({}, {"bypassed": "yes"}, {"bypassed": None}):
        assert page.ask("POST", path + "bypass/", wrong).status_code == 400
    assert Event.objects.get(kind="bypass").person_name == "Ben"


def test_a_change_of_a_sensor_is_a_change_of_readiness(office):
    door = make_sensor(modes=["away"])
    hear(door)
    assert current()["not_ready"]["home"] == []
    office.ask("PATCH", f"sensors/{door.pk}/", {"modes": ["home"], "name": "Gate"})
    ready = current()["not_ready"]
    gate = {"id": door.pk, "name": "Gate", "reasons": ["open"]}
    assert ready == {"home": [gate], "away": [], "night": [], "vacation": []}
    office.ask("POST", f"sensors/{door.pk}/bypass/", {"bypassed": True})
    assert current()["not_ready"]["home"] == []
    office.ask("POST", f"sensors/{door.pk}/bypass/", {"bypassed": False})
    assert current()["not_ready"]["home"] != []
    office.ask("DELETE", f"sensors/{door.pk}/")
    assert current()["not_ready"]["home"] == []


# --- What they report -----------------------------------------------------------------------------


def test_a_report_by_token_is_all_that_it_takes(office, browser):
    sensor = create(office, type="perimeter")
    report(browser, sensor, active=False)
    armed()
    answer = report(browser, sensor)
    assert answer.status_code == 202
    assert answer.json() == {"sequence": current()["sequence"]}
    assert state() == "triggered"
    stored = Sensor.objects.get()
    assert stored.active is True
    assert stored.last_heard_at is not None
    event = Event.objects.filter(kind="sensor").first()
    assert (event.detail, event.source, event.cause) == ("Opened.", "sensor Back door", "sensor")


def test_the_token_itself_is_nowhere_in_the_database(office):
    token = create(office)["token"]
    assert len(token) == 43  # 256 bits in base64
    stored = Sensor.objects.values().get()
    assert len(stored["token_hash"]) == 64
    assert token not in str(stored)
    assert token not in str(list(Event.objects.values()) + list(Change.objects.values()))


def test_a_wrong_token_learns_nothing(office, browser):
    sensor, other = create(office), create(office, name="Other")
    answers = [report(browser, sensor, token) for token in ("", "x", other["token"], "\xe9")]
    answers += [report(browser, {"id": number}, sensor["token"]) for number in (4711, "9" * 30)]
    answers += [report(browser, sensor, "x", active="nonsense")]
    answers += [browser.ask("POST", f"sensors/{sensor['id']}/events/", {"active": True})]
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (401, answers[0].content)
    }
    assert code_of(answers[0]) == (401, "bad_token")
    assert answers[0].headers["WWW-Authenticate"] == "Bearer"
    assert Sensor.objects.filter(active__isnull=False).count() == 0


def test_a_new_token_ends_the_old_one(office, browser):
    sensor = create(office)
    answer = office.ask("POST", f"sensors/{sensor['id']}/token/")
    assert report(browser, sensor).status_code == 401
    assert report(browser, sensor, answer.json()["token"]).status_code == 202


def test_a_token_opens_nothing_else(office, browser):
    token = create(office)["token"]
    answer = browser.ask("GET", "sensors/", authorization=f"Bearer {token}")
    assert code_of(answer) == (403, "login_required")


def test_a_report_is_taken_once(office, browser):
    sensor, other = create(office), create(office, name="Other")
    assert report(browser, sensor, event_id="a1").status_code == 202
    assert code_of(report(browser, sensor, event_id="a1")) == (409, "replayed")
    assert code_of(report(browser, sensor, event_id="a1", active=False)) == (409, "replayed")
    assert report(browser, sensor, event_id="a2").status_code == 202
    assert report(browser, other, event_id="a1").status_code == 202
    assert Sensor.objects.get(pk=sensor["id"]).active is True


def test_of_a_report_that_arrives_many_times_at_once_one_is_taken():
    door = make_sensor()
    results = in_threads(*[lambda: hear(door, event_id="x")] * 6)
    assert sum(isinstance(result, int) for result in results) == 1
    assert sum(isinstance(result, sensor_reports.Replayed) for result in results) == 5


def test_a_late_or_disordered_report_is_refused(office, browser):
    sensor = create(office)
    assert code_of(report(browser, sensor, at=at(minutes=5, seconds=5))) == (409, "stale")
    assert report(browser, sensor, at=at(minutes=4)).status_code == 202
    assert report(browser, sensor, at=at(seconds=20), active=False).status_code == 202
    assert code_of(report(browser, sensor, at=at(seconds=30))) == (409, "stale")
    assert Sensor.objects.get().active is False
    assert report(browser, sensor).status_code == 202  # a device without a clock


def test_a_refused_report_changes_nothing_but_is_recorded(office, browser):
    sensor = create(office)
    report(browser, sensor, at=at(seconds=1), active=False)
    before = Sensor.objects.values().get()
    for _ in range(3):  # once in a row
        assert code_of(report(browser, sensor, at=at(seconds=9), event_id="a"))[0] == 409
    unheard = {**Sensor.objects.values().get(), "reports_in_window": before["reports_in_window"]}
    assert unheard == before
    assert not Report.objects.exists()
    event = Event.objects.filter(kind="sensor").first()
    assert event.detail == "Refused: Opened. A newer report of this sensor was received before."
    assert Event.objects.filter(detail=event.detail).count() == 1
    assert (event.sensor_name, event.source) == ("Back door", "sensor Back door")


def test_a_sensor_with_a_wrong_clock_is_noticed(office, browser):
    sensor = create(office, name="Cellar", kind="smoke")
    for active in (True, False, True):
        assert code_of(report(browser, sensor, at=at(days=1), active=active)) == (409, "stale")
    details = Event.objects.filter(kind="sensor").values_list("detail", flat=True)
    late = "This report is more than 5 minutes old."
    smoke, none = f"Refused: Smoke. {late}", f"Refused: No smoke. {late}"
    assert list(details) == [smoke, none, smoke]


def test_a_replay_is_not_recorded(office, browser):
    sensor = create(office)
    for _ in range(2):
        report(browser, sensor, event_id="a1")
    assert Event.objects.filter(kind="sensor").count() == 1


def test_clocks_differ_but_not_by_much(office, browser):
    sensor = create(office)
    assert report(browser, sensor, at=at(seconds=-50)).status_code == 202
    assert report(browser, sensor, active=False).status_code == 202
    assert code_of(report(browser, sensor, at=at(seconds=-70))) == (400, "in_the_future")


def test_a_clock_that_was_set_back_silences_no_sensor(office, browser):
    sensor = create(office)
    an_hour_ahead = timezone.now() + dt.timedelta(hours=1)
    Sensor.objects.update(
        newest_at=an_hour_ahead, window_started_at=an_hour_ahead, reports_in_window=99
    )
    assert report(browser, sensor, at=at(seconds=1)).status_code == 202
    assert code_of(report(browser, sensor, at=at(seconds=9))) == (409, "stale")


@pytest.mark.parametrize(
    "body",
    [{"active": wrong} for wrong in (None, "true", 1, [True])]
    + [{"event_id": wrong} for wrong in ("", "x" * 65, "\x00", 7, None)]
    + [{"at": wrong} for wrong in ("", "now", 7, "2026-01-01", "0001-01-01T00:00:00+14:00")],
)
def test_malformed_reports(office, browser, body):
    assert code_of(report(browser, create(office), **body)) == (400, "invalid")


def test_a_sensor_that_reports_too_often_is_ignored_for_a_while(office, browser):
    sensor, other = create(office), create(office, name="Other")
    Sensor.objects.update(window_started_at=timezone.now() + sensor_reports.WINDOW)
    for _ in range(sensor_reports.REPORTS_IN_WINDOW):
        assert report(browser, sensor).status_code == 202
    for active in (True, False, True):
        answer = report(browser, sensor, active=active)
        assert code_of(answer) == (429, "throttled")
        assert int(answer.headers["Retry-After"]) >= 1
    assert Event.objects.filter(detail__startswith="Refused").count() == 1
    assert report(browser, other).status_code == 202
    Sensor.objects.update(window_started_at=timezone.now() - sensor_reports.WINDOW)
    assert report(browser, sensor).status_code == 202


def test_an_equal_report_is_not_recorded_again(office, browser):
    sensor = create(office)
    report(browser, sensor)
    heard = Sensor.objects.get().last_heard_at
    report(browser, sensor)
    assert Event.objects.filter(kind="sensor").count() == 1
    assert Sensor.objects.get().last_heard_at > heard


def test_reports_of_many_sensors_at_once_are_all_taken():
    sensors = [make_sensor(str(n)) for n in range(6)]
    results = in_threads(*[lambda one=one: hear(one) for one in sensors])
    assert all(isinstance(result, int) for result in results)
    assert len(current()["not_ready"]["away"]) == 6


def test_before_the_first_run_no_report_is_taken(browser):
    door = make_sensor()
    answer = browser.ask("POST", f"sensors/{door.pk}/events/", {"active": True})
    assert code_of(answer) == (403, "setup_required")
