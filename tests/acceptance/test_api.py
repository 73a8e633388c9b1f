"""The alarm over HTTP."""

from __future__ import annotations

from stack.cli.runner import Runner
from stack.core.polling import wait_until
from tests.support.panel import ADMIN, PIN, Panel


def test_login_and_logout(panel: Panel) -> None:
    person = panel.anonymous()
    wrong = person.post("/api/session/", {**ADMIN, "password": "not the right one"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_credentials")
    right = person.post("/api/session/", ADMIN)
    assert (right.status_code, right.json()["person"]["name"]) == (200, ADMIN["name"])
    assert person.get("/api/alarm/state/").status_code == 200
    person.http.delete(panel.url + "/api/session/", headers=person.csrf(), timeout=10)
    assert person.get("/api/alarm/state/").status_code == 403


def test_a_wrong_pin_and_the_right_one(panel: Panel) -> None:
    panel.arm("away")
    refused = panel.post("/api/alarm/disarm/", {"pin": "0000"})
    assert refused.status_code == 403
    assert refused.json()["code"] == "wrong_pin"
    assert panel.state() != "disarmed"

    disarmed = panel.post("/api/alarm/disarm/", {"pin": PIN})
    assert disarmed.status_code == 200
    assert disarmed.json()["state"] == "disarmed"


def test_a_sensor_triggers_and_its_token_is_needed(panel: Panel) -> None:
    door = {"name": "Back door", "kind": "door", "modes": ["away"], "type": "entry_exit"}
    sensor = panel.post("/api/sensors/", door).json()
    path = f"/api/sensors/{sensor['id']}/events/"
    device = panel.anonymous().http

    def tell(active: bool, token: str = sensor["token"]) -> int:
        bearer = {"Authorization": f"Bearer {token}"}
        url = panel.url + path
        return device.post(url, json={"active": active}, headers=bearer, timeout=10).status_code

    assert tell(True, "wrong") == 401
    assert tell(True) == 202
    not_ready = panel.arm("away", force=False)
    assert (not_ready.status_code, not_ready.json()["code"]) == (409, "not_ready")
    assert tell(False) == 202
    panel.arm("away")
    wait_until("the exit delay's end", lambda: panel.state() == "armed_away", seconds=10)
    assert tell(True) == 202
    wait_until("the entry delay's end", lambda: panel.state() == "triggered", seconds=10)
    assert tell(False) == 202
    panel.disarm()


def test_the_exit_delay_ends_in_armed(panel: Panel) -> None:
    panel.arm("home")
    wait_until("the exit delay's end", lambda: panel.state() == "armed_home", seconds=10)


def test_events_persist_over_a_restart_of_app(panel: Panel, runner: Runner) -> None:
    panel.arm("away")
    panel.disarm()
    before = panel.get("/api/events/?kind=transition").json()["results"]
    runner.restart(None)
    assert panel.get("/api/events/?kind=transition").json()["results"] == before
