"""Smoke, heat, carbon monoxide, gas and water: the alarm stays triggered while they are there."""

import pytest

from alarm import sensors
from alarm.models import Event, Sensor
from core.guard import NotDisarmed
from tests.actions import ANNA, armed, current, disarm, end_delay, hear, make_sensor, state

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ["smoke", "heat", "carbon_monoxide", "gas", "water"]


def shown() -> tuple[str, str | None, bool]:
    after = current()
    return after["state"], after["target"], after["siren"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("target", [None, "armed_away"])
def test_the_siren_goes_on_while_it_is_there(kind, target):
    detector = make_sensor("Cellar", kind)
    if target:
        armed()
    hear(detector)
    first = current()
    events = Event.objects.count()
    after = end_delay()
    assert shown() == ("triggered", target, True)
    assert after["deadline"] > first["deadline"]
    assert Event.objects.count() == events  # no event each few minutes, for hours
    hear(detector, False)
    assert shown() == ("triggered", target, True)
    assert end_delay()["state"] == (target or "disarmed")


def test_a_disarming_silences_it_and_its_end_disarms():
    smoke, water = make_sensor("Kitchen", "smoke"), make_sensor("Cellar", "water")
    door = make_sensor()
    armed()
    hear(smoke)
    hear(water)
    disarm()
    assert shown() == ("triggered", None, False)
    assert current()["deadline"] is None
    hear(door)
    assert shown() == ("triggered", None, False)  # the armed part has ended
    hear(smoke, False)
    assert shown() == ("triggered", None, False)
    hear(water, False)
    assert shown() == ("disarmed", None, False)
    assert [one["name"] for one in current()["memory"]] == ["Kitchen", "Cellar"]


def test_a_further_one_sounds_again_after_it_was_silenced():
    smoke, other = make_sensor("Kitchen", "smoke"), make_sensor("Hall", "smoke")
    hear(smoke)
    disarm()
    hear(other)
    assert shown() == ("triggered", None, True)
    disarm()
    hear(other, False)
    assert shown() == ("triggered", None, False)
    hear(other)  # the same one again, while the first is still there
    assert shown() == ("triggered", None, True)


def test_silencing_twice_is_like_silencing_once():
    hear(make_sensor("Kitchen", "smoke"))
    disarm()
    disarm()
    assert shown() == ("triggered", None, False)


def test_smoke_that_is_reported_again_sounds_the_siren_if_it_does_not():
    """As after an upgrade, or if the sensor has become a smoke detector meanwhile."""
    smoke = make_sensor("Kitchen", "smoke", active=True)
    assert state() == "disarmed"
    hear(smoke)
    assert shown() == ("triggered", None, True)


def test_a_broken_detector_can_be_removed_once_it_is_silenced():
    smoke = make_sensor("Kitchen", "smoke")
    hear(smoke)
    with pytest.raises(NotDisarmed):
        sensors.remove(smoke.pk, ANNA, "api")
    disarm()
    sensors.remove(smoke.pk, ANNA, "api")
    assert shown() == ("disarmed", None, False)


def test_a_burglary_is_no_danger_that_stays():
    door = make_sensor()
    armed()
    hear(door)
    assert Sensor.objects.get().active
    assert end_delay()["state"] == "armed_away"
