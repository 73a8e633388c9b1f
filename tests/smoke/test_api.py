"""The alarm over HTTP."""

from __future__ import annotations

import pytest

from stack import version
from stack.runner import Runner
from stack.waiting import wait_until
from tests.smoke.panel import Panel


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


def test_arming_a_wrong_pin_and_disarming(panel: Panel) -> None:
    armed = panel.arm("away")
    assert armed.status_code == 200, armed.text
    assert armed.json()["state"] in {"arming", "armed_away"}

    wrong = "0000" if panel.pin != "0000" else "1111"
    refused = panel.post("/api/alarm/disarm/", {"pin": wrong})
    assert refused.status_code == 403
    assert refused.json()["code"] == "wrong_pin"
    assert panel.state() != "disarmed"

    disarmed = panel.post("/api/alarm/disarm/", {"pin": panel.pin})
    assert disarmed.status_code == 200
    assert disarmed.json()["state"] == "disarmed"


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
    newest, before = panel.get("/api/events/").json()["results"][:2]
    assert newest["to_state"] == "disarmed"
    assert before["to_state"] in {"arming", "armed_home"}


def test_links_between_pages_of_events_lead_through_the_same_port(panel: Panel) -> None:
    for _ in range(2):
        panel.arm("home")
        panel.disarm()
    first = panel.get("/api/events/?page_size=2").json()
    assert first["next"].startswith(panel.url + "/api/events/")
    second = panel.http.get(first["next"], timeout=10).json()
    shown = [event["id"] for event in first["results"] + second["results"]]
    assert shown == sorted(shown, reverse=True)
    assert len(set(shown)) == 4


@pytest.mark.own_stack
def test_events_persist_over_a_restart_of_app(panel: Panel, runner: Runner) -> None:
    panel.arm("away")
    panel.disarm()
    before = panel.get("/api/events/").json()["results"]
    runner.restart(None)
    assert panel.get("/api/events/").json()["results"] == before
