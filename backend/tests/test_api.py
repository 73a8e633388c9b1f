"""The HTTP API: every address, every error, always JSON."""

import datetime as dt

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from alarm import pins, services, views
from alarm.models import Pin
from alarm.transitions import Action

pytestmark = pytest.mark.django_db(transaction=True)
STATE = {"state", "changed_at", "deadline", "target", "sequence"}


@pytest.fixture
def api():
    return Client(HTTP_HOST="localhost", raise_request_exception=False)


def post(api, path: str, body) -> tuple[int, dict]:
    response = api.post(f"/api/{path}/", body, content_type="application/json")
    return response.status_code, checked(response)


def get(api, path: str, **headers) -> tuple[int, dict]:
    response = api.get(path, **headers)
    return response.status_code, checked(response)


def checked(response) -> dict:
    """Return the body, after what every answer promises."""
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    assert int(response.headers["Content-Length"]) == len(response.content)
    body = response.json()
    if response.status_code >= 400 and "checks" not in body:
        assert set(body) == {"code", "detail"}
        assert all(isinstance(value, str) and value for value in body.values())
    return body


def test_arming_and_disarming(api, pin):
    status, state = get(api, "/api/alarm/state/")
    assert (status, set(state), state["state"]) == (200, STATE, "disarmed")
    status, state = post(api, "alarm/arm", {"mode": "home"})
    assert (status, state["state"], state["target"]) == (200, "arming", "armed_home")
    delay = dt.datetime.fromisoformat(state["deadline"]) - dt.datetime.fromisoformat(
        state["changed_at"]
    )
    assert delay == dt.timedelta(seconds=600)
    assert get(api, "/api/alarm/state/")[1] == state
    status, body = post(api, "alarm/arm", {"mode": "away"})
    assert (status, body["code"]) == (409, "illegal_transition")
    status, state = post(api, "alarm/disarm", {"pin": pin})
    assert (status, state["state"], state["deadline"]) == (200, "disarmed", None)
    assert post(api, "alarm/disarm", {"pin": pin})[0] == 409


@pytest.mark.parametrize("body", ["{", "[]", "null", "{}", '{"mode": "sea"}', '{"mode": null}'])
def test_a_malformed_arm_request(api, body):
    assert post(api, "alarm/arm", body)[0] == 400


@pytest.mark.parametrize(
    "pin", ["", "123", "1" * 13, "12a4", "\uff11\uff12\uff13\uff14", "1234\n", " 1234", None]
)
def test_a_malformed_pin_is_not_an_attempt(api, pin):
    pins.store("1234")
    for _ in range(pins.ATTEMPTS + 1):
        assert post(api, "alarm/disarm", {"pin": pin})[0] == 400
    assert Pin.objects.get().failures == 0


def test_wrong_pins_lock_the_panel_for_a_minute(api, pin):
    post(api, "alarm/arm", {"mode": "away"})
    for _ in range(pins.ATTEMPTS - 1):
        status, body = post(api, "alarm/disarm", {"pin": "0000"})
        assert (status, body["code"]) == (403, "wrong_pin")
    for attempt in ["0000", pin]:  # even the right one has to wait
        response = api.post("/api/alarm/disarm/", {"pin": attempt}, "application/json")
        assert (response.status_code, checked(response)["code"]) == (429, "locked_out")
        assert 0 < int(response.headers["Retry-After"]) <= 60
    Pin.objects.update(locked_until=timezone.now())
    assert post(api, "alarm/disarm", {"pin": "0000"})[0] == 403
    assert post(api, "alarm/disarm", {"pin": pin})[0] == 200
    assert Pin.objects.get().failures == 0


def test_a_right_pin_starts_the_count_again(api, pin):
    for _ in range(3):
        post(api, "alarm/arm", {"mode": "home"})
        for _ in range(pins.ATTEMPTS - 1):
            assert post(api, "alarm/disarm", {"pin": "0000"})[0] == 403
        assert post(api, "alarm/disarm", {"pin": pin})[0] == 200


def test_without_a_pin_nobody_disarms(api):
    status, body = post(api, "alarm/disarm", {"pin": "1234"})
    assert (status, body["code"]) == (503, "no_pin")


def test_events_come_newest_first_in_pages(api):
    for _ in range(3):
        services.apply(Action.ARM_HOME, "command")
        services.apply(Action.DISARM, "api")
    status, page = get(api, "/api/events/?page_size=4")
    assert (status, set(page)) == (200, {"results", "next", "previous"})
    assert set(page["results"][0]) == {"id", "at", "from_state", "to_state", "cause"}
    assert [event["cause"] for event in page["results"]] == ["api", "command"] * 2
    services.apply(Action.ARM_HOME, "api")  # must not shift the next page
    rest = get(api, page["next"])[1]
    ids = [event["id"] for event in page["results"] + rest["results"]]
    assert ids == sorted(set(ids), reverse=True)
    assert len(ids) == 6
    assert rest["next"] is None
    assert get(api, "/api/events/?cursor=nonsense")[0] == 404


@pytest.mark.parametrize("debug", [True, False])
def test_every_error_is_json(api, settings, monkeypatch, debug):
    settings.DEBUG = debug
    assert get(api, "/api/nothing/")[0] == 404
    assert get(api, "/api/alarm/state")[0] == 404  # and no redirect
    assert get(api, "/api/alarm/arm/")[0] == 405
    assert get(api, "/api/alarm/state/", HTTP_HOST="evil.example")[0] == 400
    for path in ["/api/health/live/", "/api/alarm/state/"]:
        response = api.post(path, {}, content_type="application/json")
        assert (response.status_code, checked(response)["code"]) == (405, "method_not_allowed")
    response = api.post("/api/alarm/arm/", {"mode": "home"})  # a form, as another site could send
    assert (response.status_code, checked(response)["code"]) == (415, "unsupported_media_type")
    monkeypatch.setattr(views.services, "current", lambda: 1 / 0)
    status, body = get(api, "/api/alarm/state/")
    assert (status, body["code"]) == (500, "server_error")
    assert "division" not in body["detail"]


def test_a_database_that_is_away_is_not_a_crash(api, monkeypatch):
    def fail():
        raise OperationalError("connection to server at db failed")

    monkeypatch.setattr(views.services, "current", fail)
    status, body = get(api, "/api/alarm/state/")
    assert (status, body["code"]) == (503, "database_unavailable")
    assert "server at" not in body["detail"]
