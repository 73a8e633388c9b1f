"""When a relay is switched, and for how long; workers that are killed meanwhile."""

import pytest

from alarm import services
from alarm.models import Alarm, Cause, EventKind, Sensor
from outputs import management
from outputs.models import Output
from tests.actions import ANNA, armed, disarm, hear, make_sensor
from tests.conftest import until
from tests.outputs.relay import Relay
from tests.outputs.tools import details, has_reported, make_siren, set_off

pytestmark = pytest.mark.django_db(transaction=True)


# --- The alarm ------------------------------------------------------------------------------------


def test_a_siren_sounds_with_the_alarm_and_is_switched_off_with_it(start, relay, siren):
    start()
    set_off()
    relay.has("on")
    has_reported(siren, "on")
    assert int(relay.requests[0]["timer"]) in range(1, 181)
    assert relay.requests[0]["tone"] == "burglary"
    disarm()
    relay.has("on", "off")
    has_reported(siren, "off")
    assert not relay.is_on
    assert details(EventKind.OUTPUT) == []


def test_smoke_has_the_tone_of_fire(start, relay, siren):
    start()
    hear(make_sensor("Kitchen", "smoke"))
    relay.has("on")
    assert relay.requests[0]["tone"] == "fire"


def test_a_further_sensor_changes_the_tone_and_prolongs_nothing(start, relay, siren):
    start()
    set_off()
    has_reported(siren, "on")
    began = Output.objects.get().started_at
    hear(make_sensor("Kitchen", "smoke"))
    relay.has("on", "on")
    assert relay.requests[1]["tone"] == "fire"
    assert Output.objects.get().started_at == began


def test_an_output_without_a_tone_for_this_alarm_stays_quiet(start, relay):
    make_siren(relay, "Fire bell", tones=["fire"])
    other = Relay()
    siren = make_siren(other, "Siren", tones=["burglary"])
    start()
    set_off()
    has_reported(siren, "on")
    assert relay.requests == []
    other.close()


def test_an_output_that_is_switched_off_stays_quiet(start, relay, siren):
    management.change(siren.pk, ANNA, enabled=False)
    other = Relay()
    second = make_siren(other, "Second")
    start()
    set_off()
    has_reported(second, "on")
    assert relay.requests == []
    other.close()


def test_a_silent_panic_switches_nothing(start, relay, siren):
    start()
    hear(make_sensor("Button", "panic", type="silent_panic"))
    window = make_sensor("Window", "window")
    armed()
    hear(window)
    relay.has("on")
    assert relay.requests[0]["tone"] == "burglary"  # nothing came before the alarm


def test_a_silenced_alarm_is_quiet_and_sounds_again_with_a_further_opening(start, relay, siren):
    start()
    kitchen, cellar = make_sensor("Kitchen", "smoke"), make_sensor("Cellar", "smoke")
    hear(kitchen)
    has_reported(siren, "on")
    disarm()  # the smoke is still there
    relay.has("on", "off")
    has_reported(siren, "off")
    assert Alarm.objects.get().state == "triggered"
    hear(cellar)
    relay.has("on", "off", "on")


def test_a_panic_button_on_the_page_sounds_again_after_the_cut_off(start, relay):
    make_siren(relay, cut_off=1)
    start()
    services.trigger(ANNA, Cause.API)
    relay.has("on", "off")
    assert relay.requests[0]["tone"] == "panic"
    services.trigger(ANNA, Cause.API)
    relay.has("on", "off", "on", "off")


# --- The cut-off ----------------------------------------------------------------------------------


def test_an_output_is_off_after_its_cut_off_while_the_alarm_goes_on(start, relay):
    siren = make_siren(relay, cut_off=1)
    start()
    set_off()
    relay.has("on", "off")
    assert relay.requests[0]["timer"] == "1"
    has_reported(siren, "off")
    assert Alarm.objects.get().state == "triggered"


def test_after_the_cut_off_only_a_further_sensor_begins_again(start, relay):
    make_siren(relay, cut_off=1)
    start()
    window = make_sensor("Window", "window")
    set_off()
    relay.has("on", "off")
    first = Sensor.objects.get(name="Sensor")
    hear(first, active=False)
    hear(first)  # the same again
    hear(window)
    relay.has("on", "off", "on", "off")


def test_an_output_is_off_after_its_cut_off_although_no_worker_runs(start, relay):
    siren = make_siren(relay, cut_off=1)
    first = start()
    set_off()
    relay.has("on")
    has_reported(siren, "on")
    first.stop()
    first.join(30)
    until(lambda: not relay.is_on, what="the end of the relay's own timer")
    start()
    relay.has("on", "off")
    has_reported(siren, "off")


# --- Chime and test -------------------------------------------------------------------------------


def test_a_test_is_two_seconds_and_no_alarm(start, login, admin, relay, siren):
    start()
    answer = login(admin).ask("POST", f"outputs/{siren.pk}/test/")
    assert answer.status_code == 202
    relay.has("on", "off")
    assert relay.requests[0]["timer"] in ("1", "2")
    assert Alarm.objects.get().state == "disarmed"


def test_an_alarm_takes_over_from_a_test(start, login, admin, relay, siren):
    start()
    smoke = make_sensor("Kitchen", "smoke")
    login(admin).ask("POST", f"outputs/{siren.pk}/test/")
    hear(smoke)
    until(lambda: "fire" in [one.get("tone") for one in relay.requests], what="the alarm's tone")
    relay.requests.clear()
    disarm()
    relay.has("off")


# --- Workers that are killed ----------------------------------------------------------------------


def test_a_killed_workers_successor_repeats_nothing_that_was_confirmed(relay, siren, start_worker):
    first = start_worker()
    set_off()
    relay.has("on")
    has_reported(siren, "on")
    first.kill()
    first.wait()
    start_worker()
    disarm()
    has_reported(siren, "off")
    assert relay.turns() == ["on", "off"]


def test_what_a_killed_worker_could_not_send_is_sent_by_its_successor(siren, relay, start_worker):
    relay.status = 500
    first = start_worker()
    set_off()
    until(lambda: relay.requests, what="an attempt")
    first.kill()
    first.wait()
    relay.status = 200
    start_worker()
    has_reported(siren, "on")
    relay.has("on", "on")
    # The seconds that are left, so that the repetition does not prolong it.
    assert int(relay.requests[1]["timer"]) < int(relay.requests[0]["timer"])
