"""While the alarm is not disarmed, its sensors, delays and broker stay as they are."""

import pytest

from alarm.models import AlarmSettings, Event, Sensor
from core.guard import DETAIL
from integrations.models import MqttSettings
from tests.actions import arm, armed, disarm, end_delay, hear, make_sensor, state
from tests.conftest import in_threads

pytestmark = pytest.mark.django_db(transaction=True)
DOOR = {"name": "Garage", "kind": "door"}


def weakening(sensor: Sensor) -> list[tuple]:
    """Return requests that weaken the alarm, as method, path and body."""
    path = f"sensors/{sensor.pk}/"
    return [
        ("POST", path + "bypass/", {"bypassed": True}),
        ("POST", "sensors/", DOOR),
        ("PATCH", path, {"modes": []}),
        ("PATCH", path, {"kind": "motion"}),
        ("PATCH", path, {"heartbeat": 0}),
        ("PATCH", path, {"type": "entry_exit", "entry_delay": 3600}),
        ("POST", path + "token/", None),
        ("PATCH", "settings/", {"entry_delay": {"away": 3600}}),
        ("PATCH", "settings/", {"siren_duration": 1}),
        ("PATCH", "integrations/mqtt/", {"enabled": True, "host": "burglar.lan"}),
        ("DELETE", path, None),
    ]


def stored() -> list:
    """Return what the requests would change, and the number of events."""
    rows = [Sensor.objects.values(), AlarmSettings.objects.values(), MqttSettings.objects.values()]
    return [*map(list, rows), Event.objects.count()]


@pytest.mark.parametrize("how", ["arming", "armed_away", "pending", "triggered"])
def test_nothing_weakens_the_alarm_in_this_state(login, admin, how):
    window = make_sensor("Window", "window")
    door = make_sensor("Front door", type="entry_exit")
    browser = login(admin)
    AlarmSettings.load()
    MqttSettings.load()
    if how == "arming":
        arm()
    else:
        armed()
    if how in ("pending", "triggered"):
        hear(door if how == "pending" else window)
    assert state() == how
    before = stored()
    for method, path, body in weakening(window):
        answer = browser.ask(method, path, body)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_disarmed"), path
        assert answer.json()["detail"] == DETAIL
    assert (stored(), state()) == (before, how)
    disarm()
    for method, path, body in weakening(window):
        assert browser.ask(method, path, body).status_code < 400, path


def test_a_resident_cannot_bypass_the_front_door_of_an_armed_alarm(login, resident):
    door = make_sensor("Front door")
    page = login(resident)
    armed()
    answer = page.ask("POST", f"sensors/{door.pk}/bypass/", {"bypassed": True})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_disarmed")
    hear(door)
    assert state() == "triggered"


def test_a_bypassed_sensor_can_be_watched_again_while_armed(login, resident):
    door = make_sensor("Front door")
    page = login(resident)
    arm(bypass=[door.pk])
    end_delay()
    answer = page.ask("POST", f"sensors/{door.pk}/bypass/", {"bypassed": False})
    assert (answer.status_code, answer.json()["bypassed"]) == (200, False)
    hear(door)
    assert state() == "triggered"


def test_a_bypass_at_the_moment_of_arming_is_before_it_or_refused(login, resident):
    door = make_sensor("Front door")
    page = login(resident)
    path = f"sensors/{door.pk}/bypass/"
    status, _ = in_threads(
        lambda: page.ask("POST", path, {"bypassed": True}).status_code, lambda: arm("away")
    )
    bypass = Event.objects.filter(kind="bypass").first()
    began = Event.objects.get(kind="transition", to_state="arming")
    assert (status, bool(bypass)) in [(200, True), (409, False)]
    assert not bypass or bypass.pk < began.pk
