"""Nothing that weakens the alarm is possible while it is not disarmed."""

import io

import pytest
from django.core.management import call_command

from alarm import services
from alarm.models import Event
from core import guard
from people import codes
from people.models import Code, Person
from tests.actions import ANNA, arm, armed, disarm, end_delay, state
from tests.conftest import PASSWORD, in_threads

pytestmark = pytest.mark.django_db(transaction=True)
CARLA = {"username": "carla", "name": "Carla", "password": PASSWORD}


def changes_of(resident: Person, code: Code) -> list[tuple]:
    """Return changes of persons and codes, as method, path and body."""
    return [
        ("POST", "codes/", {"label": "Burglar", "pin": "1111"}),
        ("PATCH", f"codes/{code.pk}/", {"pin": "1111"}),
        ("PATCH", f"codes/{code.pk}/", {"duress": True}),
        ("DELETE", f"codes/{code.pk}/", None),
        ("POST", "people/", CARLA),
        ("PATCH", f"people/{resident.pk}/", {"role": "admin"}),
        ("PATCH", f"people/{resident.pk}/", {"password": "another good password"}),
        ("DELETE", f"people/{resident.pk}/", None),
    ]


@pytest.mark.parametrize("how", ["arming", "armed", "triggered"])
def test_persons_and_codes_cannot_be_changed_while_not_disarmed(login, admin, resident, pin, how):
    code = Code.objects.get()
    browser = login(admin)
    arm("home")
    if how != "arming":
        end_delay()
    if how == "triggered":
        services.trigger(ANNA, "api")
    before = list(Code.objects.values()), list(Person.objects.values()), Event.objects.count()
    for method, path, body in changes_of(resident, code):
        answer = browser.ask(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_disarmed"), path
        assert answer.json()["detail"] == guard.DETAIL
    after = list(Code.objects.values()), list(Person.objects.values()), Event.objects.count()
    assert after == before
    disarm()
    for method, path, body in changes_of(resident, code):
        if method != "DELETE":
            assert browser.ask(method, path, body).status_code < 400, path
            Code.objects.filter(label="Burglar").delete()


def test_a_code_added_at_the_moment_of_arming_is_there_before_it_or_refused(login, admin, pin):
    browser = login(admin)

    def add():
        return browser.ask("POST", "codes/", {"label": "Cleaner", "pin": "1111"}).status_code

    def arm_now():
        arm("away")

    status, _ = in_threads(add, arm_now)
    added = Event.objects.filter(kind="code", detail="Cleaner was added.").first()
    began = Event.objects.get(kind="transition", to_state="arming")
    assert state() == "arming"
    assert (status, bool(added)) in [(201, True), (409, False)]
    assert not added or added.pk < began.pk


def test_the_operator_can_set_a_pin_while_it_is_armed(pin, monkeypatch):
    """From the shell of the machine, which could write to the database as well."""
    armed("away")
    monkeypatch.setattr("sys.stdin", io.StringIO("7391\n"))
    call_command("set_pin", stdout=io.StringIO())
    assert codes.matching("7391")
