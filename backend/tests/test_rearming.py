"""Arming from one mode to another, with force, and who has done what with a code."""

import datetime as dt

import pytest
from django.utils import timezone

from alarm import services
from alarm.models import AlarmSettings, Event, Sensor
from people import codes
from people.models import Code
from tests.actions import (
    ANNA,
    arm,
    armed,
    by_mode,
    current,
    disarm,
    hear,
    make_sensor,
    set_delays,
    state,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def no_delay_at_night():
    """Arming for the night has no exit delay."""
    set_delays()
    AlarmSettings.objects.update(exit_delay={**by_mode(30), "night": 0})


@pytest.fixture
def page(resident, login, pin):
    """A resident's browser."""
    return login(resident)


def ask(page, **body):
    return page.ask("POST", "alarm/arm/", body)


def code_of(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_more_may_be_watched_without_a_pin(no_delay_at_night, page):
    make_sensor("Front door")
    make_sensor("Window", "window", modes=["night"])
    armed("home")
    answer = ask(page, mode="night")
    assert (answer.status_code, answer.json()["state"]) == (200, "armed_night")


def test_less_may_not(no_delay_at_night, page, pin):
    make_sensor("Hall", "motion", modes=["away"])
    armed("away")
    assert code_of(ask(page, mode="night")) == (403, "pin_required")
    assert code_of(ask(page, mode="night", pin="0000")) == (403, "wrong_pin")
    assert state() == "armed_away"
    answer = ask(page, mode="night", pin=pin)
    assert (answer.status_code, answer.json()["state"]) == (200, "armed_night")


def test_an_exit_delay_watches_less_for_its_time(page, pin):
    armed("home")
    assert code_of(ask(page, mode="away")) == (403, "pin_required")
    answer = ask(page, mode="away", pin=pin)
    assert (answer.json()["state"], answer.json()["target"]) == ("arming", "armed_away")


def test_leaving_a_sensor_out_watches_less(no_delay_at_night, page, pin):
    door = make_sensor("Front door")
    armed("home")
    assert code_of(ask(page, mode="night", bypass=[door.pk])) == (403, "pin_required")
    assert not Sensor.objects.get().bypassed
    hear(door, None, battery_low=True)
    assert ask(page, mode="night", bypass=[door.pk], pin=pin).status_code == 200


@pytest.mark.parametrize("before", ["arming", "pending", "triggered", "armed_away"])
def test_where_it_cannot_be_armed_no_pin_is_tried(page, pin, before):
    door = make_sensor(type="entry_exit")
    if before == "arming":
        arm()
    else:
        armed()
    if before in ("pending", "triggered"):
        hear(door)
    if before == "triggered":
        services.trigger(ANNA, "api")
    assert state() == before
    answers = [ask(page, mode="away", pin=each) for each in (pin, "0000")]
    assert {code_of(answer) for answer in answers} == {(409, "illegal_transition")}
    assert answers[0].content == answers[1].content
    assert not Event.objects.filter(kind__in=["wrong_pin", "code"]).exists()


def test_wrong_pins_for_arming_lock_out_like_others(page, pin):
    armed("home")
    statuses = [ask(page, mode="away", pin=f"000{n}").status_code for n in range(5)]
    assert statuses == [403] * 4 + [429]
    assert code_of(page.ask("POST", "alarm/disarm/", {"pin": pin})) == (429, "locked_out")


def test_force_leaves_out_all_that_stands_in_the_way(page):
    door, shed = make_sensor(), make_sensor("Shed", last_heard_at=None)
    window = make_sensor("Window", "window", modes=["home"])
    for sensor in (door, window):
        hear(sensor)
    answer = ask(page, mode="away", force=True)
    assert (answer.status_code, answer.json()["state"]) == (200, "arming")
    bypassed = Sensor.objects.filter(bypassed=True).values_list("pk", flat=True)
    assert set(bypassed) == {door.pk, shed.pk}
    disarm()
    assert not Sensor.objects.filter(bypassed=True).exists()


def test_a_refusal_says_what_is_wrong_with_each_sensor():
    hear(make_sensor("Back door"))
    hear(make_sensor("Side door"))
    make_sensor("Shed", last_heard_at=None)
    hear(make_sensor("Gate"), None, tamper=True)
    with pytest.raises(services.NotReady) as refused:
        arm()
    assert str(refused.value) == (
        "Not ready to arm: Back door and Side door are open; Shed has no contact;"
        " Gate is tampered with."
    )
    assert [one["reasons"] for one in refused.value.more["sensors"]] == [
        ["open"],
        ["open"],
        ["no_contact"],
        ["tamper"],
    ]


# --- Codes ----------------------------------------------------------------------------------------


def test_who_did_it_is_the_owner_of_the_code(page, admin):
    """At Ben's browser, with Anna's PIN."""
    codes.create("4711", "Anna's", person=admin)
    armed("home")
    assert ask(page, mode="away", pin="4711").status_code == 200
    assert page.ask("POST", "alarm/disarm/", {"pin": "4711"}).status_code == 200
    by_code = Event.objects.filter(kind="code").values_list("person_name", "detail", "source")
    assert {(name, source) for name, _, source in by_code} == {("Anna", "Firefox, 127.0.0.1")}
    assert [detail for _, detail, _ in by_code] == [
        "“Anna's” was used to disarm.",
        "“Anna's” was used to arm.",
    ]
    last = Event.objects.filter(kind="transition")[:2]
    assert {event.person_name for event in last} == {"Anna"}


def test_a_code_without_an_owner_leaves_the_person_of_the_browser(page, pin):
    armed("home")
    page.ask("POST", "alarm/disarm/", {"pin": pin})
    assert Event.objects.filter(kind="transition").first().person_name == "Ben"


@pytest.mark.parametrize("how", ["expired", "removed"])
def test_a_code_that_ends_while_it_is_typed_disarms_nothing(page, pin, monkeypatch, how):
    armed()
    verify = codes.verify

    def slow(*arguments, **options):
        code = verify(*arguments, **options)
        ended = timezone.now() - dt.timedelta(seconds=1)
        if how == "removed":
            Code.objects.all().delete()
        else:
            Code.objects.update(valid_until=ended)
        return code

    monkeypatch.setattr(codes, "verify", slow)
    assert code_of(page.ask("POST", "alarm/disarm/", {"pin": pin})) == (403, "wrong_pin")
    assert state() == "armed_away"
    event = Event.objects.filter(kind="wrong_pin").get()
    assert event.detail == "This PIN ended while it was used."
    assert not Event.objects.filter(kind="code").exists()


def test_a_duress_code_arms_like_any_other_and_is_recorded_as_one(page):
    codes.create("9999", "Help", duress=True)
    armed("home")
    assert ask(page, mode="away", pin="9999").json()["state"] == "arming"
    event = Event.objects.get(kind="duress")
    assert event.detail == "“Help” was used to arm."
    assert current()["target"] == "armed_away"
