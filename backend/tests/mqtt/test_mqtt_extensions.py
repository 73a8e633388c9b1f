"""An extension of the bridge: its retained messages, its topics, and what it does at each look."""

import pytest

from alarm.models import Sensor
from integrations.mqtt import bridge as bridges
from integrations.mqtt.extension import Extension, Subscription
from integrations.mqtt.ignored import Ignored
from tests.actions import make_sensor
from tests.conftest import until
from tests.mqtt.tools import Wire, is_status

pytestmark = pytest.mark.django_db(transaction=True)


class Lamp(Extension):
    """Wants one topic, and publishes one."""

    def __init__(self, topics) -> None:
        self.heard = f"{topics.base}/lamp/state"
        self.colour = f"{topics.base}/lamp/colour"
        self.hello = f"{topics.base}/lamp/hello"
        self.is_wanted = True
        self.taken: list[bytes] = []

    def retained(self, topics):
        return {self.colour: "red"}

    def retained_filters(self, topics):
        return self.colour, f"{topics.base}/lamp/old"

    def subscriptions(self, topics):
        return frozenset({Subscription(self.heard, qos=1)} if self.is_wanted else ())

    def wants(self, topics, message):
        return message.topic == self.heard

    def take(self, link, arrival):
        self.taken.append(arrival.message.payload)
        if arrival.message.payload == b"nonsense":
            raise Ignored("nonsense of a lamp.")

    def step(self, link):
        link.publish(self.hello, "hello", retain=False)


@pytest.fixture
def lamp(topics):
    return Lamp(topics)


@pytest.fixture
def lit(lamp, configure, other_client, monkeypatch):
    """A function that starts a bridge with the lamp; it is stopped at the end."""
    monkeypatch.setattr(bridges, "LOOK_EVERY", 0.5)
    monkeypatch.setattr(bridges, "FIRST_PAUSE", 0.2)
    running = []

    def begin(**changes):
        configure(**changes)
        running.append(bridges.Bridge([lamp]))
        running[-1].start()
        is_status("connected")
        return running[-1]

    yield begin
    for one in running:
        one.stop()
        one.join(30)


def test_what_it_retains_is_published_and_what_is_left_of_earlier_removed(
    lit, lamp, other_client, topics
):
    other_client.publish(f"{topics.base}/lamp/old", "left over", retain=True)
    lit()
    other_client.has(lamp.colour, "red")
    other_client.has(f"{topics.base}/lamp/old", None)


def test_it_takes_its_messages_until_it_wants_them_no_more(lit, lamp, other_client):
    bridge = lit()
    other_client.publish(lamp.heard, "on")
    until(lambda: lamp.taken == [b"on"], what="the message")
    lamp.is_wanted = False
    bridge.wake()
    until(lambda: not bridge._subscribed, what="the end of the subscription")
    other_client.publish(lamp.heard, "off")
    other_client.received.clear()
    until(lambda: (lamp.hello, "hello") in other_client.received, what="a look after that")
    assert lamp.taken == [b"on"]


def test_a_message_that_cannot_be_taken_does_not_hold_up_the_next(lit, lamp, other_client):
    lit()
    for payload in ("nonsense", "on"):
        other_client.publish(lamp.heard, payload)
    until(lambda: lamp.taken == [b"nonsense", b"on"], what="both messages")


def test_what_is_published_while_the_panel_is_away_arrives_later(lit, lamp, other_client):
    wire = Wire()
    lit(port=wire.port)
    other_client.publish(lamp.heard, "on")
    until(lambda: print(lamp.taken) or lamp.taken == [b"on"], limit=3, what="the message")
    wire.is_dead = True
    wire.cut()
    is_status("unreachable")
    other_client.publish(lamp.heard, "off")
    wire.is_dead = False
    until(lambda: lamp.taken == [b"on", b"off"], what="what the broker has kept")
    wire.close()


def test_what_an_earlier_version_has_subscribed_does_not_fill_the_queue(
    lit, lamp, other_client, topics
):
    """Unacknowledged messages would end what the broker sends."""
    bridge = lit()
    bridge.stop()
    bridge.join(30)
    lamp.is_wanted = False
    for number in range(150):
        other_client.publish(lamp.heard, str(number))
    lamp.wants = lambda topics, message: False
    lit()
    door = make_sensor()
    other_client.publish(topics.sensor_set(door.pk), "ON")
    until(lambda: Sensor.objects.get(pk=door.pk).active, what="a report that came after them")
