"""The alarm over HTTP."""

from __future__ import annotations

import pytest

from stack.config import version
from tests.support.panel import ADMIN, PIN, Panel


@pytest.mark.parametrize("path", ["/api/health/live/", "/api/health/ready/"])
def test_health_is_ok(panel: Panel, path: str) -> None:
    answer = panel.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "ok"


def test_readiness_lists_its_checks(panel: Panel) -> None:
    body = panel.get("/api/health/ready/").json()
    assert set(body["checks"]) >= {"database", "migrations", "broadcast"}
    assert all(check["ok"] for check in body["checks"].values())
    assert body["version"] == version.version()


def test_an_anonymous_client_gets_no_data(panel: Panel) -> None:
    anonymous = panel.anonymous()
    for path in ("/api/alarm/state/", "/api/events/", "/api/sensors/", "/api/people/"):
        answer = anonymous.get(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "login_required"), path
    answer = anonymous.post("/api/setup/", {**ADMIN, "pin": PIN})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_set_up")


def test_a_change_without_the_csrf_token_is_refused(panel: Panel) -> None:
    """The session cookie alone is not enough: a change needs the CSRF token, too."""
    answer = panel.http.post(panel.url + "/api/alarm/arm/", json={"mode": "home"}, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert panel.state() == "disarmed"


def test_arming(panel: Panel) -> None:
    armed = panel.arm("away")
    assert armed.status_code == 200, armed.text
    assert armed.json()["state"] in {"arming", "armed_away"}


def test_an_illegal_transition_is_refused_with_its_reason(panel: Panel) -> None:
    panel.arm("away")
    # The same mode: without an exit delay, another one would be asked for a PIN.
    again = panel.arm("away")
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
    assert first["next"].startswith(panel.origin + "/api/events/")
    second = panel.get(first["next"].removeprefix(panel.origin)).json()
    shown = [event["id"] for event in first["results"] + second["results"]]
    assert shown == sorted(shown, reverse=True)
    assert len(set(shown)) == 4
