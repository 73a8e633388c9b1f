"""A siren that is a device at a real broker, and workers that are killed."""

import pytest

from integrations.mqtt import outputs as mqtt_outputs
from outputs import driver, management, plan
from outputs.models import Output
from tests.actions import ANNA, disarm, hear, make_sensor, state
from tests.conftest import until
from tests.mqtt.siren import Siren
from tests.mqtt.tools import Wire, is_status
from tests.outputs.tools import details, has_reported, set_off

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def quick(monkeypatch) -> None:
    """Short pauses, so that repetitions and faults are seen at once."""
    monkeypatch.setattr(driver, "FAILS_AFTER", 0.3)
    monkeypatch.setattr(plan, "PAUSES", (0.2,))


# --- The alarm ------------------------------------------------------------------------------------


def test_a_siren_sounds_with_the_alarm_and_what_it_reports_is_shown(
    siren, output, running, topics, other_client
):
    set_off()
    siren.has("ON")
    command = {"state": "ON", "tone": "burglary", "duration": siren.commands[0]["duration"]}
    assert siren.commands == [command | {"strobe": True}]
    assert command["duration"] in range(1, 181)
    has_reported(output, "on")
    other_client.has(topics.output(output.pk, "reported"), "ON")
    disarm()
    siren.has("ON", "OFF")
    has_reported(output, "off")
    other_client.has(topics.output(output.pk, "reported"), "OFF")
    assert topics.output(output.pk, "set") not in other_client.retained


def test_a_siren_that_ends_by_itself_is_not_told_to(siren, output, running):
    management.change(output.pk, ANNA, cut_off=1)
    set_off()
    siren.has("ON")
    has_reported(output, "on")
    has_reported(output, "off")
    assert not siren.is_on
    assert state() == "triggered"


def test_a_siren_that_goes_off_before_its_time_is_switched_on_again(siren, output, running, quick):
    set_off()
    has_reported(output, "on")
    siren.end()  # by its own button, or a loose cable
    siren.has("ON", "ON")
    has_reported(output, "on")
    assert siren.commands[1]["duration"] <= siren.commands[0]["duration"]


def test_a_siren_that_was_switched_on_by_others_is_off_after_the_cut_off(siren, output, running):
    management.change(output.pk, ANNA, cut_off=1)
    siren.is_on = True
    siren.report()
    siren.has("OFF")
    has_reported(output, "off")


def test_a_chime_is_short(siren, output, running):
    management.change(output.pk, ANNA, tones=["chime"])
    hear(make_sensor("Door", chime=True))
    siren.has("ON", "OFF")
    assert siren.commands[0]["tone"] == "chime"
    assert siren.commands[0]["duration"] in (1, 2)


# --- What fails -----------------------------------------------------------------------------------


def test_a_siren_that_does_not_report_is_a_fault_and_told_again(siren, output, running, quick):
    siren.is_mute = True
    set_off()
    has_reported(output, "unknown", "no_answer")
    until(lambda: len(siren.commands) > 2, what="repetitions")
    assert siren.soundings == 1
    assert details("output") == ["“Siren” does not answer: it does not report."]
    siren.is_mute = False
    has_reported(output, "on")
    number = len(siren.commands)
    assert details("output")[1:] == ["“Siren” answers again."]
    disarm()
    siren.has(*["ON"] * number, "OFF")


def test_without_a_broker_it_is_a_fault_and_sent_at_the_next_connection(
    siren, output, run_outputs, monkeypatch
):
    monkeypatch.setattr(driver, "FAILS_AFTER", 0.3)
    wire = Wire()
    wire.is_dead = True
    run_outputs(port=wire.port)
    set_off()
    has_reported(output, "unknown", "not_connected")
    wire.is_dead = False
    wire.cut()
    siren.has("ON")
    has_reported(output, "on")
    wire.close()


def test_a_stored_report_of_unknown_age_confirms_nothing(siren, output, run_outputs, quick):
    siren.is_on = True
    siren.report(retain=True)
    siren.is_on, siren.is_mute = False, True
    run_outputs()
    has_reported(output, "on")  # as far as is known
    set_off()
    until(lambda: len(siren.commands) > 1, what="a repetition")
    has_reported(output, "on", "no_answer")


def test_a_siren_without_power_has_no_contact_although_nothing_was_sent(
    siren, output, running, topics
):
    siren.lose_power()
    has_reported(output, "unknown", "no_contact")
    assert details("output") == ["“Siren” does not answer: it is offline."]
    back = Siren(topics, output.pk)
    has_reported(output, "unknown")
    assert details("output")[1:] == ["“Siren” answers again."]
    back.leave()


def test_a_siren_that_was_lost_while_no_panel_ran_has_no_contact(
    siren, output, run_outputs, other_client, topics
):
    siren.lose_power()
    other_client.has(topics.output(output.pk, "availability"), "offline")
    run_outputs()
    has_reported(output, "unknown", "no_contact")


def test_a_siren_that_comes_and_goes_does_not_fill_the_history(
    output, running, other_client, topics, monkeypatch
):
    place = topics.output(output.pk, "availability")
    for payload in (*["offline", "online"] * 25, "offline"):
        other_client.publish(place, payload)
    other_client.publish(place, "asleep")
    refusal = "Ignored: an output's availability that is neither online nor offline."
    until(lambda: refusal in details("integration"), what="the last message")
    assert len(details("output")) <= 2
    monkeypatch.setattr(mqtt_outputs, "WINDOW", 0.0)
    has_reported(output, "unknown", "no_contact")


def test_nonsense_is_ignored_and_recorded(output, running, other_client, topics):
    for payload in ("LOUD", '{"state": 1}', "[" * 2000, '{"state": "ON", "duration": -1}'):
        other_client.publish(topics.output(output.pk, "state"), payload)
    until(lambda: len(details("integration")) == 4, what="the events")
    assert Output.objects.get().reported == "unknown"
    other_client.publish(topics.output(987654321, "state"), "ON")
    other_client.publish(topics.output(output.pk, "state"), '{"state": "OFF"}')
    has_reported(output, "off")


def test_of_many_reports_the_newest_counts(output, running, other_client, topics, monkeypatch):
    monkeypatch.setattr(mqtt_outputs, "WINDOW", 2.0)
    for payload in (*["OFF"] * 50, "ON"):
        other_client.publish(topics.output(output.pk, "state"), payload)
    has_reported(output, "on")


# --- Workers that are killed ----------------------------------------------------------------------


def test_a_worker_that_is_killed_between_sending_and_the_report(
    siren, output, start_worker, topics
):
    """Nothing is lost, and nothing is twice at the siren."""
    first = start_worker()
    is_status("connected")
    siren.is_mute = True
    set_off()
    siren.has("ON")
    first.kill()
    first.wait()
    assert Output.objects.get().reported == "unknown"
    siren.is_mute = False
    siren.report()  # while no worker runs: the broker keeps it
    start_worker()
    has_reported(output, "on")
    disarm()
    siren.has("ON", "OFF")
    assert siren.soundings == 1


def test_an_alarm_while_no_worker_runs_sounds_when_one_does(siren, output, start_worker):
    set_off()
    start_worker()
    siren.has("ON")
    has_reported(output, "on")
    assert siren.is_on
