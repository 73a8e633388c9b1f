"""Changes by an admin need the password, given in the session at most 15 minutes ago."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from alarm.models import Event
from config.openapi import document
from people import lockout, proof
from tests.actions import arm, edit_sessions
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def codes_of(operation: dict, status: int = 403) -> list[str]:
    answer = operation["responses"].get(str(status))
    if not answer:
        return []
    return answer["content"]["application/json"]["schema"]["properties"]["code"]["enum"]


CHANGES = [
    (method.upper(), re.sub(r"\{\w+\}", "1", path).removeprefix("/api/"))
    for path, methods in document()["paths"].items()
    for method, operation in methods.items()
    if method != "get" and "admin_only" in codes_of(operation)
]


def age_of_proofs(age: dt.timedelta) -> None:
    """Let every session's last proof be that old."""
    edit_sessions(lambda data: data.update(proved_at=(timezone.now() - age).timestamp()))


@pytest.mark.parametrize(("method", "path"), CHANGES)
def test_no_change_by_an_admin_is_possible_without_a_fresh_proof(login, admin, method, path):
    browser = login(admin)
    age_of_proofs(proof.FRESH)
    before = Event.objects.count()
    answer = browser.ask(method, path, {})
    assert (answer.status_code, answer.json()["code"]) == (403, "proof_required")
    assert Event.objects.count() == before
    age_of_proofs(proof.FRESH - dt.timedelta(minutes=1))
    assert browser.ask(method, path, {}).json().get("code") != "proof_required"


def test_the_changes_that_are_looked_at_are_all_of_them():
    assert {path for _, path in CHANGES} >= {
        *("people/", "people/1/", "codes/", "codes/1/", "sensors/", "sensors/1/"),
        *("sensors/1/token/", "settings/", "integrations/mqtt/", "integrations/mqtt/test/"),
    }


@pytest.mark.parametrize("age", [dt.timedelta(hours=1), -dt.timedelta(hours=1)])
def test_the_password_is_a_proof(login, admin, age):
    """Also where the last one seems to be in the future, after the clock was set back."""
    browser = login(admin)
    age_of_proofs(age)
    assert browser.ask("PATCH", "settings/", {"siren_duration": 7}).status_code == 403
    assert browser.ask("GET", "people/").status_code == 200  # reading needs none
    wrong = browser.ask("POST", "session/proof/", {"password": "wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_credentials")
    assert browser.ask("PATCH", "settings/", {"siren_duration": 7}).status_code == 403
    assert browser.ask("POST", "session/proof/", {"password": PASSWORD}).status_code == 204
    assert browser.ask("PATCH", "settings/", {"siren_duration": 7}).status_code == 200


def test_a_session_of_an_older_version_has_no_proof(login, admin):
    browser = login(admin)
    edit_sessions(lambda data: data.pop("proved_at"))
    answer = browser.ask("POST", "codes/", {"label": "x", "pin": "1111"})
    assert answer.json()["code"] == "proof_required"


def test_a_proof_holds_for_its_own_session(login, admin):
    here, elsewhere = login(admin), login(admin)
    age_of_proofs(proof.FRESH)
    assert here.ask("POST", "session/proof/", {"password": PASSWORD}).status_code == 204
    answer = elsewhere.ask("PATCH", "settings/", {"siren_duration": 7})
    assert answer.json()["code"] == "proof_required"


def test_guesses_at_the_password_are_locked_out_and_recorded(login, resident):
    browser = login(resident)
    statuses = [
        browser.ask("POST", "session/proof/", {"password": f"wrong {n}"}).status_code
        for n in range(lockout.LIMIT)
    ]
    assert statuses == [403] * (lockout.LIMIT - 1) + [429]
    assert browser.ask("POST", "session/proof/", {"password": PASSWORD}).status_code == 429
    kinds = list(Event.objects.values_list("kind", flat=True))
    assert kinds.count("login_failed") == lockout.LIMIT
    assert kinds.count("lockout") == 1


def test_residents_arm_without_a_proof(login, resident):
    browser = login(resident)
    age_of_proofs(dt.timedelta(days=30))
    assert browser.ask("POST", "alarm/arm/", {"mode": "away"}).status_code == 200


def test_a_right_proof_does_not_open_an_armed_panel(login, admin):
    browser = login(admin)
    arm("away")
    assert browser.ask("POST", "session/proof/", {"password": PASSWORD}).status_code == 204
    answer = browser.ask("POST", "codes/", {"label": "x", "pin": "1111"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_disarmed")
