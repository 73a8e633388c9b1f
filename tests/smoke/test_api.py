"""The alarm over HTTP."""

from __future__ import annotations

import pytest

from stack.cli.runner import Runner
from stack.config import version
from stack.core.polling import wait_until
from tests.smoke.panel import ADMIN, PIN, Panel


@pytest.mark.parametrize("path", ["/api/health/live/", "/api/health/ready/"])
def test_health_is_ok(panel: Panel, path: str) -> None:
    answer = panel.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "ok"


def test_readiness_names_what_it_checked(panel: Panel) -> None:
    body = panel.get("/api/health/ready/").json()
    assert set(body["checks"]) >= {"database", "migrations", "broadcast"}
    assert all(check["ok"] for check in body["checks"].values())
    assert body["version"] == version.version()


def test_a_stranger_learns_nothing(panel: Panel) -> None:
    stranger = panel.stranger()
    for path in ("/api/alarm/state/", "/api/events/", "/api/sensors/", "/api/people/"):
        answer = stranger.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "login_required"), path
    answer = stranger.post("/api/setup/", {**ADMIN, "pin": PIN})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_set_up")


@pytest.mark.own_stack
def test_login_and_logout(panel: Panel) -> None:
    person = panel.stranger()
    wrong = person.post("/api/session/", {**ADMIN, "password": "not the right one"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_credentials")
    right = person.post("/api/session/", ADMIN)
    assert (right.status_code, right.json()["person"]["name"]) == (200, ADMIN["name"])
    assert person.get("/api/alarm/state/").status_code == 200
    person.http.delete(panel.url + "/api/session/", headers=person.csrf(), timeout=10)
    assert person.get("/api/alarm/state/").status_code == 403


def test_a_change_from_another_page_is_refused(panel: Panel) -> None:
    """A session's cookie alone is not enough: the page's token belongs to it."""
    answer = panel.http.post(panel.url + "/api/alarm/arm/", json={"mode": "home"}, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert panel.state() == "disarmed"


def test_arming(panel: Panel) -> None:
    armed = panel.arm("away")
    assert armed.status_code == 200, armed.text
    assert armed.json()["state"] in {"arming", "armed_away"}


@pytest.mark.own_stack
def test_a_wrong_pin_and_the_right_one(panel: Panel) -> None:
    panel.arm("away")
    refused = panel.post("/api/alarm/disarm/", {"pin": "0000"})
    assert refused.status_code == 403
    assert refused.json()["code"] == "wrong_pin"
    assert panel.state() != "disarmed"

    disarmed = panel.post("/api/alarm/disarm/", {"pin": PIN})
    assert disarmed.status_code == 200
    assert disarmed.json()["state"] == "disarmed"


@pytest.mark.own_stack
def test_a_sensor_triggers_and_its_token_is_needed(panel: Panel) -> None:
    door = {"name": "Back door", "kind": "door", "modes": ["away"], "entry_delay": True}
    sensor = panel.post("/api/sensors/", door).json()
    path = f"/api/sensors/{sensor['id']}/events/"
    device = panel.stranger().http

    def tell(active: bool, token: str = sensor["token"]) -> int:
        bearer = {"Authorization": f"Bearer {token}"}
        url = panel.url + path
        return device.post(url, json={"active": active}, headers=bearer, timeout=10).status_code

    assert tell(True, "wrong") == 401
    assert tell(True) == 202
    not_ready = panel.arm("away")
    assert (not_ready.status_code, not_ready.json()["code"]) == (409, "not_ready")
    assert tell(False) == 202
    panel.arm("away")
    wait_until("the exit delay's end", lambda: panel.state() == "armed_away", seconds=10)
    assert tell(True) == 202
    wait_until("the entry delay's end", lambda: panel.state() == "triggered", seconds=10)
    assert tell(False) == 202
    panel.disarm()


@pytest.mark.own_stack
def test_the_exit_delay_ends_in_armed(panel: Panel) -> None:
    panel.arm("home")
    wait_until("the exit delay's end", lambda: panel.state() == "armed_home", seconds=10)


def test_an_illegal_transition_is_refused_with_its_reason(panel: Panel) -> None:
    panel.arm("away")
    again = panel.arm("home")
    assert again.status_code == 409
    assert again.json()["code"] == "illegal_transition"


@pytest.mark.parametrize("body", [{"mode": "garden"}, {}, {"mode": None}, {"mode": "x" * 10_000}])
def test_a_wrong_body_is_refused_in_json(panel: Panel, body: dict[str, object]) -> None:
    answer = panel.post("/api/alarm/arm/", body)
    assert answer.status_code == 400
    assert answer.json()["code"]


def test_every_transition_is_an_event(panel: Panel) -> None:
    panel.arm("home")
    panel.disarm()
    newest, before = panel.get("/api/events/?kind=transition").json()["results"][:2]
    assert newest["to_state"] == "disarmed"
    assert before["to_state"] in {"arming", "armed_home"}


def test_links_between_pages_of_events_lead_through_the_same_port(panel: Panel) -> None:
    for _ in range(2):
        panel.arm("home")
        panel.disarm()
    first = panel.get("/api/events/?kind=transition&page_size=2").json()
    assert first["next"].startswith(panel.url + "/api/events/")
    second = panel.http.get(first["next"], timeout=10).json()
    shown = [event["id"] for event in first["results"] + second["results"]]
    assert shown == sorted(shown, reverse=True)
    assert len(set(shown)) == 4


@pytest.mark.own_stack
def test_events_persist_over_a_restart_of_app(panel: Panel, runner: Runner) -> None:
    panel.arm("away")
    panel.disarm()
    before = panel.get("/api/events/?kind=transition").json()["results"]
    runner.restart(None)
    assert panel.get("/api/events/?kind=transition").json()["results"] == before
