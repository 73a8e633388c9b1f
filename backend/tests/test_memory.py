"""The alarm's memory: what set it off is seen until a person has acknowledged it."""

import pytest

from alarm import services
from alarm.models import Event
from people import codes
from people.models import Person, Role
from tests.actions import (
    ANNA,
    arm,
    armed,
    current,
    disarm,
    end_delay,
    hear,
    make_sensor,
    shown,
    state,
)
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "alarm/acknowledge/"


def remembered() -> list[tuple]:
    return [(one["id"], one["name"], one["kind"]) for one in current()["memory"]]


def alarm_once(name: str = "Back door"):
    door = make_sensor(name)
    armed()
    hear(door)
    return door


def code_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_it_is_kept_over_the_siren_the_disarming_and_the_next_arming():
    door = alarm_once()
    at = current()["memory"][0]["at"]
    wanted = [(door.pk, "Back door", "door")]
    assert end_delay()["state"] == "armed_away"
    assert (remembered(), current()["triggered_by"]) == (wanted, [])
    disarm()
    hear(door, False)
    assert remembered() == wanted
    arm("night")
    assert remembered() == wanted
    assert current()["memory"][0]["at"] == at


def test_an_entry_in_time_is_none_and_one_that_is_late_is():
    door = make_sensor(type="entry_exit")
    armed()
    hear(door)
    disarm()
    assert remembered() == []
    hear(door, False)
    armed()
    hear(door)
    end_delay()
    assert remembered() == [(door.pk, "Back door", "door")]


def test_a_sensor_is_in_it_once_with_its_last_moment():
    door = alarm_once()
    first = current()["memory"][0]["at"]
    end_delay()
    hear(door, False)
    hear(door)
    assert remembered() == [(door.pk, "Back door", "door")]
    assert current()["memory"][0]["at"] > first


def test_what_is_no_sensor_is_in_it_by_name():
    services.trigger(ANNA, "api")
    assert remembered() == [(None, "Anna", "panic")]


def test_acknowledging_empties_it_and_is_an_event():
    alarm_once()
    disarm()
    after = shown(services.acknowledge(ANNA, "api"))
    assert after["memory"] == []
    event = Event.objects.get(kind="acknowledged")
    assert (event.person_name, event.detail) == ("Anna", "Back door.")


def test_it_is_acknowledged_by_a_person_without_a_pin(login, resident):
    page = login(resident)
    alarm_once()
    assert code_of(page.ask("POST", PATH, {})) == (409, "illegal_transition")
    disarm()
    answer = page.ask("POST", PATH, {})
    assert (answer.status_code, answer.json()["memory"]) == (200, [])
    assert code_of(page.ask("POST", PATH, {})) == (409, "nothing_to_acknowledge")
    assert Event.objects.get(kind="acknowledged").person_name == "Ben"


def test_at_the_tablet_it_needs_a_pin_and_its_owner_has_acknowledged(login, admin):
    wall = Person.objects.create_user("wall", PASSWORD, name="Hall", role=Role.KIOSK)
    codes.create("4711", "Anna's", person=admin)
    tablet = login(wall)
    alarm_once()
    disarm()
    assert code_of(tablet.ask("POST", PATH, {})) == (403, "pin_required")
    assert code_of(tablet.ask("POST", PATH, {"pin": "0000"})) == (403, "wrong_pin")
    assert tablet.ask("POST", PATH, {"pin": "4711"}).json()["memory"] == []
    assert Event.objects.get(kind="acknowledged").person_name == "Anna"
    assert state() == "disarmed"


def test_a_duress_code_acknowledges_like_any_other_and_is_recorded_as_one(login, resident):
    page = login(resident)
    codes.create("9999", "Help", duress=True)
    alarm_once()
    disarm()
    assert page.ask("POST", PATH, {"pin": "9999"}).json()["memory"] == []
    assert Event.objects.get(kind="duress").detail == "“Help” was used to acknowledge."
