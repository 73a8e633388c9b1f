"""What is published of an event for Home Assistant, without a broker."""

import pytest

from alarm.models import Event
from integrations.mqtt.announcer import message_of
from tests.actions import hear, make_sensor

pytestmark = pytest.mark.django_db(transaction=True)


def types() -> list[str]:
    """Return the types of what is published, oldest first."""
    found = map(message_of, Event.objects.order_by("id"))
    return [message["event_type"] for message in found if message]


@pytest.mark.parametrize("kind", ["cold", "water", "door", "motion"])
def test_the_end_of_an_environmental_trouble_is_its_end(kind):
    sensor = make_sensor("Cellar", kind, type="environmental")
    hear(sensor)
    hear(sensor, False)
    assert types() == ["trouble", "trouble_ended"]


def test_the_end_of_a_sensors_trouble_is_its_end():
    sensor = make_sensor()
    for is_so in (True, False):
        hear(sensor, None, battery_low=is_so, tamper=is_so)
    assert sorted(types()) == ["trouble"] * 2 + ["trouble_ended"] * 2
