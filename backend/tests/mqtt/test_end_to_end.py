"""An alarm from end to end, with real services, while workers are killed: sensor, siren, messages.

    nox -s mqtt -- -k end_to_end -s

shows what happens, line by line.
"""

import json
import time

import pytest

from alarm.models import Event, Sensor
from notifications.models import Delivery
from outputs import management
from outputs.models import Output
from tests.actions import ANNA, disarm, is_state, make_sensor, set_delays
from tests.conftest import until
from tests.mqtt.siren import Siren
from tests.mqtt.tools import OtherClient, is_status
from tests.notifying import make_channel
from tests.receivers import MailServer, Receiver

pytestmark = pytest.mark.django_db(transaction=True)


class Story:
    """Prints what happens, with the seconds since the beginning."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def tell(self, text: str) -> None:
        print(f"{time.monotonic() - self._began:6.2f} s  {text}")


@pytest.fixture
def receivers():
    mail_server, ntfy = MailServer(), Receiver()
    yield mail_server, ntfy
    mail_server.close()
    ntfy.close()


@pytest.fixture
def home(configure, receivers):
    """A window, a siren at the broker, a mailbox and a topic like ntfy's; no exit delay."""
    mail_server, ntfy = receivers
    configure(arm_without_code=True)
    set_delays(exit_delay=0)
    mailbox = f"127.0.0.1:{mail_server.port}/?from=alarm@example.org&to=anna@example.org"
    make_channel(f"mailto://{mailbox}", ["alarm"], "Mail")
    make_channel(f"ntfy://127.0.0.1:{ntfy.port}/home", ["alarm"], "ntfy")
    output = management.create(ANNA, name="Siren", kind="mqtt")
    return make_sensor("Kitchen window", "window"), output


def is_reported(output: Output, reported: str):
    return lambda: Output.objects.get(pk=output.pk).reported == reported


def test_an_alarm_end_to_end_while_workers_are_killed(home, receivers, topics, start_worker):
    window, output = home
    mail_server, ntfy = receivers
    story, siren = Story(), Siren(topics, output.pk)
    sensor, home_assistant = OtherClient("no/topic"), OtherClient(topics.state)

    worker = start_worker()
    is_status("connected")
    home_assistant.publish(topics.command, {"action": "ARM_AWAY"})
    until(is_state("armed_away"), what="the arming")
    story.tell("Home Assistant has armed the alarm over MQTT.")

    worker.kill()
    worker.wait()
    story.tell("The worker is killed.")
    sensor.publish(topics.sensor_set(window.pk), "ON")
    story.tell("The window reports that it is open; the broker keeps that.")
    assert not Sensor.objects.get(pk=window.pk).active

    ntfy.answers.clear()
    worker = start_worker()
    siren.has("ON")
    story.tell(f"A second worker has taken it. At the siren: {json.dumps(siren.commands[-1])}")
    until(is_reported(output, "on"), what="the siren's report")
    story.tell("The siren has reported that it is on.")
    until(lambda: ntfy.requests, what="a notification under way")
    worker.kill()
    worker.wait()
    story.tell("The second worker is killed while ntfy does not answer.")
    assert Delivery.objects.filter(state="waiting").exists()

    ntfy.answers.set()
    ntfy.requests.clear()
    start_worker()
    # They are sent again when the second worker's mark is old: after most of the usual limit.
    until(lambda: ntfy.requests and mail_server.messages, 90, what="both notifications")
    until(lambda: not Delivery.objects.filter(state="waiting").exists(), what="the empty outbox")
    # The second worker may have sent the mail, and been killed before it marked that.
    mail, *again = mail_server.messages
    assert [one["Subject"] for one in again] in ([], [mail["Subject"]])
    story.tell(f"A third worker runs. Mail to {mail['To']}: {mail['Subject']}")
    story.tell(f"ntfy: {json.loads(ntfy.bodies[0])['title']}")
    assert "Kitchen window" in mail["Subject"]
    assert "Kitchen window" in ntfy.bodies[0]

    disarm()
    until(is_reported(output, "off"), what="the siren's report")
    story.tell("Disarmed at the panel; the siren has reported that it is off.")
    story.tell(f"At the siren: {', '.join(siren.states())}; it sounded {siren.soundings} time.")
    assert (siren.states(), siren.soundings) == (["ON", "OFF"], 1)
    assert Event.objects.filter(kind="transition", to_state="triggered").count() == 1
    assert not Event.objects.filter(kind="output").exists()
    for one in (siren, sensor, home_assistant):
        one.leave()
